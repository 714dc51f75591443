"""A subject on one input: what its backward pass gives, what is true, and what happens when something is changed."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from understudy.errors import OptionError
from understudy.scratch.gradient_check.arrays import shorter, wide
from understudy.scratch.gradient_check.differences import ROWS, STEP, jacobian
from understudy.scratch.gradient_check.subject import Gradients, Subject, Trial
from understudy.scratch.layer import Array


class Case:
    """One input, one random projection dy of the output: so one backward call is enough.

    Attributes:
        inputs: the input arrays, floats as float64.
        y: the output, as float64.
        dy: dL/dy; 0 for outputs at a kink.
        truth: dL/d(slot) by differences, for each input and parameter; NaN where unknown.
        given: what the backward pass says; None where it says nothing.
        failure: what `backward` raised, if it did.
    """

    def __init__(self, subject: Subject, inputs: Sequence[Any], seed: int = 0, rows: int = ROWS) -> None:
        self.subject, self.seed, self.rows = subject, seed, rows
        self.cuts: dict[tuple[int, int], Case | None] = {}
        self.inputs = [wide(each) for each in inputs]
        generator = np.random.default_rng(seed)
        trial = subject.trial()
        output = self._output(trial, self.inputs)
        self.y, self.precision = output.astype(np.float64), output.itemsize
        self._take_slopes(trial, output.ravel(), generator)
        drawn = generator.choice([-1.0, 1.0], self.y.shape) * generator.uniform(0.5, 1.5, self.y.shape)
        self.dy = (drawn if self.y.ndim else np.ones(())) * self.clear
        self.truth = {slot: self.true_gradient(slot) for slot in self.slopes}
        self.failure: Exception | None = None
        self.given: Gradients = self._given()

    def _output(self, trial: Trial, inputs: Sequence[Array]) -> Array:
        with np.errstate(all="ignore"):
            y = np.asarray(trial.forward([each.copy() for each in inputs]))
        return y if np.issubdtype(y.dtype, np.floating) else y.astype(np.float64)

    def _take_slopes(self, trial: Trial, flat: Array, generator: np.random.Generator) -> None:
        """Jacobians of all slots, outputs at a kink set aside: their dy will be 0."""
        named = {**dict(zip(self.subject.input_names, self.inputs, strict=False)), **trial.params()}
        self.shapes = {name: array.shape for name, array in named.items() if array.dtype.kind == "f" and array.size}
        found = {
            slot: jacobian(functools.partial(self._moved, slot), int(np.prod(shape)), flat, generator, self.rows)
            for slot, shape in self.shapes.items()
        }
        kinked = np.zeros(flat.size, bool)
        for each in found.values():
            kinked |= each.kinks.any(0)
        if kinked.mean() > 0.5:  # too many to set aside, as when one number is the output: leave entries out instead
            kinked[:] = False
        self.clear = ~kinked.reshape(self.y.shape)
        self.slopes: dict[str, Array] = {}
        for slot, each in found.items():
            lost = (each.kinks & ~kinked).any(1) | ~np.isfinite(each.slopes[:, ~kinked]).all(1)
            self.slopes[slot] = np.where(kinked, 0.0, each.slopes)
            lost |= each.kinks.any(1) & ~self.slopes[slot].any(1)  # all that it moves is set aside
            self.slopes[slot][lost] = np.nan

    def _moved(self, slot: str, entry: int, delta: float) -> Array:
        trial, inputs = self.subject.trial(), [each.copy() for each in self.inputs]
        if slot in self.subject.input_names:
            array = inputs[self.subject.input_names.index(slot)]
        else:
            array = trial.params()[slot]
        array[np.unravel_index(entry, array.shape)] += delta
        return self._output(trial, inputs).ravel()

    def _given(self) -> Gradients:
        try:
            return self.given_by(self.dy)
        except Exception as error:  # the user's own code, whatever it raises: part of the finding
            self.failure = error
            return dict.fromkeys(self.truth)

    def true_gradient(self, slot: str, dy: Array | None = None) -> Array:
        """dL/d(slot) for another dy."""
        flat = (self.dy if dy is None else dy * self.clear).ravel()
        gradient: Array = (self.slopes[slot] @ flat).reshape(self.shapes[slot])
        return gradient

    def given_by(
        self, dy: Array, change: Callable[[Trial], None] | None = None, inputs: Sequence[Array] | None = None
    ) -> Gradients:
        """What the backward pass gives for another dy.

        Args:
            dy: dL/dy.
            change: done to the trial between its forward and its backward pass.
            inputs: in place of the case's own.
        """
        trial = self.subject.trial()
        with np.errstate(all="ignore"):
            self._output(trial, self.inputs if inputs is None else inputs)
            if change is not None:
                change(trial)
            gradients = trial.backward(np.array(dy * self.clear))
        return self.as_slots(gradients)

    def as_slots(self, gradients: Gradients) -> Gradients:
        """Gradients of the slots alone, as float64, in the slot's shape where only axes of 1 in front are lacking."""
        return {slot: self._as_slot(slot, array) for slot, array in gradients.items() if slot in self.shapes}

    def _as_slot(self, slot: str, gradient: Array | None) -> Array | None:
        if gradient is None:
            return None
        gradient, shape = np.array(gradient, np.float64), self.shapes[slot]
        lacking = len(shape) - gradient.ndim
        fits = lacking > 0 and gradient.size == np.prod(shape) and gradient.shape == shape[lacking:]
        return gradient.reshape(shape) if fits else gradient

    def kept(self) -> dict[str, Array]:
        """What the subject keeps after its forward pass, parameters included."""
        trial = self.subject.trial()
        self._output(trial, self.inputs)
        return {name: array.copy() for name, array in trial.kept().items()}

    @functools.cached_property
    def seen(self) -> dict[str, Array]:
        """Arrays that a backward pass might take by mistake: inputs, output, what is kept or soon made; values once."""
        names = dict(zip(self.subject.input_names, self.inputs, strict=False))
        seen: dict[str, Array] = {}
        for name, array in {**names, "y": self.y, **self.kept(), **self._affine()}.items():
            if not any(np.array_equal(array, other) for other in seen.values()):
                seen[name] = array
        return seen

    def _affine(self) -> dict[str, Array]:
        """What a first dense layer makes of the input, for the subjects that do not keep it."""
        x, params = self.inputs[0], self.subject.trial().params()
        pairs = [
            (w, b) for w in params for b in params if params[w].ndim == 2 and params[b].shape == params[w].shape[1:]
        ]
        return {
            f"{self.subject.input_names[0]} @ {w} + {b}": x @ params[w] + params[b]
            for w, b in pairs
            if x.ndim and x.dtype.kind == "f" and x.shape[-1] == params[w].shape[0]
        }

    @functools.cached_property
    def earlier(self) -> list[Array]:
        """Other inputs that the subject should accept: the same rows, the last first, and smaller."""
        return [0.9 * each[::-1] if each.dtype == np.float64 and each.ndim else each for each in self.inputs]

    @functools.cached_property
    def after(self) -> Gradients | None:
        """What the backward pass gives on an object that was used before; None where that has another output."""
        trial = self.subject.trial()
        try:
            with np.errstate(all="ignore"):
                self._output(trial, self.earlier)
                trial.backward(np.array(self.dy))
                again = self._output(trial, self.inputs)
                gradients = trial.backward(np.array(self.dy))
        except Exception:  # the subject takes no other input, or no second call; the first call is judged alone
            return None
        if again.shape != self.y.shape or not np.allclose(again, self.y, equal_nan=True):
            return None
        return self.as_slots(gradients)

    @functools.cached_property
    def noise(self) -> float:
        """What rounding may add to an entry of the truth."""
        eps = float(np.finfo(f"f{self.precision}").eps)
        return 10 * eps * float(np.abs(self.y).max(initial=0) * np.abs(self.dy).max(initial=0)) / STEP[self.precision]

    @functools.cached_property
    def fewer_rows(self) -> "Case | None":
        """The case without its last row."""
        return self.smaller(0, self.inputs[0].shape[0] - 1) if self.inputs and self.inputs[0].ndim else None

    def smaller(self, axis: int, count: int) -> "Case | None":
        """The same on the first `count` places of an axis of the first input, and of all that shares its size.

        None where the subject does not accept that.
        """
        if (axis, count) not in self.cuts:
            self.cuts[axis, count] = self._cut(axis, count)
        return self.cuts[axis, count]

    def _cut(self, axis: int, count: int) -> "Case | None":
        if self.inputs[0].ndim <= axis or not 0 < count < self.inputs[0].shape[axis]:
            return None
        size = self.inputs[0].shape[axis]
        try:
            cut = [shorter(each, axis, size, count) for each in self.inputs]
            return Case(self.subject.shorter(axis, size, count), cut, self.seed, self.rows)
        except Exception:  # the user's own code may demand one size; then there is no smaller case
            return None


def ready(subject: Subject, inputs: Sequence[Any], seed: int, rows: int = ROWS) -> Case:
    """The case of these inputs.

    Args:
        rows: entries of an array that are moved, at most.

    Raises:
        OptionError: the forward pass fails on them, gives no finite numbers, or not the same ones twice; or there is no
            float among inputs and parameters.
    """
    inputs = as_floats(subject, [wide(each) for each in inputs])
    try:
        outputs = [np.asarray(subject.trial().forward([each.copy() for each in inputs])) for _ in range(2)]
    except Exception as error:
        shapes = ", ".join(f"{name} {np.shape(each)}" for name, each in zip(subject.input_names, inputs, strict=False))
        raise OptionError(f"{subject.name}.forward fails on {shapes}: {error!r}") from error
    if outputs[0].dtype.kind not in "fiu":
        raise OptionError(f"{subject.name}.forward returns {outputs[0].dtype}, not an array of real numbers")
    if not np.isfinite(outputs[0]).all():
        raise OptionError(f"{subject.name}.forward gives values that are not finite")
    if outputs[0].shape != outputs[1].shape or not np.array_equal(outputs[0], outputs[1]):
        raise OptionError(f"{subject.name}.forward gives other values each time; fix its randomness to check it")
    case = Case(subject, inputs, seed, rows)
    if not any(np.isfinite(array).any() for array in case.truth.values()):
        raise OptionError(
            f"{subject.name}: nothing to compare; give an input of floats, and not all at a kink such as 0"
        )
    return case


def as_floats(subject: Subject, inputs: list[Array]) -> list[Array]:
    """A first input of whole numbers as floats, unless the subject takes it for indices."""
    if not inputs or inputs[0].dtype.kind not in "iu":
        return inputs
    floats = [inputs[0].astype(np.float64), *inputs[1:]]
    try:
        subject.trial().forward(floats)
    except Exception:  # numbers of rows, say; if it fails on them too, that is reported
        return inputs
    return floats
