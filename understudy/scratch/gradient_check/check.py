"""Compare a hand-written backward pass with central differences, and name the mistake."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from understudy.errors import OptionError
from understudy.scratch.gradient_check.case import Case, ready
from understudy.scratch.gradient_check.claims import FITS, Hypothesis, misfit
from understudy.scratch.gradient_check.hypotheses import HYPOTHESES
from understudy.scratch.gradient_check.result import Entry, GradientCheck, Mistake, SlotCheck
from understudy.scratch.gradient_check.subjects import built, subject_of
from understudy.scratch.layer import Array

TOLERANCE = {8: 1e-5, 4: 1e-2, 2: 1e-1}  # relative, by bytes of the output's floats
FIRST = 3  # wrong entries that are told


def check_gradients(layer: Any, *inputs: Any, seed: int = 0) -> GradientCheck:
    """Whether a hand-written backward pass is right; and if not, which mistake it looks like.

    The gradients of sum(dy * y), dy random, are compared with central differences in float64 along every input and
    parameter. Entries at a kink (a ReLU at 0) are left out.

    Args:
        layer: an object with `params`, `forward(x)`, `backward(dy)` and `grads`; its class, if it needs no arguments; a
            pair of functions, `forward(*inputs)` and `backward(dy, *inputs)`, or `(y, cache)` and `backward(dy,
            cache)`; or a subclass of `torch.autograd.Function`.
        inputs: what `forward` takes; if nothing, what the object's `example_input()` returns.
        seed: of dy.

    Raises:
        OptionError: it is none of these, or its forward pass fails on the inputs.

    Example:
        >>> import numpy as np
        >>> from understudy.scratch.activations import Tanh
        >>> check_gradients(Tanh, np.ones((2, 3))).ok
        True
    """
    subject = subject_of(layer)
    given = [np.asarray(each.detach().cpu() if hasattr(each, "detach") else each) for each in inputs or example(layer)]
    case = ready(subject, given, seed)
    unchecked = tuple(
        name
        for name in case.shapes
        if case.failure is None and name in subject.input_names[1:] and name not in case.given
    )
    slots = tuple(slot_check(case, name) for name in case.shapes if name not in unchecked)
    return GradientCheck(subject.name, slots, unchecked, likeliest(slots))


def example(layer: Any) -> tuple[Any, ...]:
    """The layer's own example.

    Raises:
        OptionError: it has none.
    """
    thing = built(layer) if isinstance(layer, type) else layer
    if not hasattr(thing, "example_input"):
        raise OptionError(f"no input to check with; give one, or let {type(thing).__name__} have example_input()")
    found = thing.example_input()
    return found if isinstance(found, tuple) else (found,)


def errors(case: Case, slot: str, given: Array | None) -> Array:
    """Relative errors by entry; what is small beside the slot's largest entry counts relative to a share of that."""
    truth = case.truth[slot]
    if given is None or given.shape != truth.shape:
        return np.full(truth.shape, np.inf)
    largest = np.nanmax(np.abs(truth), initial=0)
    floor = max(1e-2 * largest, case.noise / TOLERANCE[case.precision])
    with np.errstate(invalid="ignore"):
        error = np.abs(given - truth) / np.maximum(np.maximum(np.abs(truth), np.abs(given)), floor)
    return np.where(np.isfinite(truth) & ~np.isfinite(given), np.inf, error)


def slot_check(case: Case, slot: str) -> SlotCheck:
    """The verdict on one input or parameter."""
    truth, given = case.truth[slot], case.given.get(slot)
    error, limit = errors(case, slot, given), TOLERANCE[case.precision]
    note = ""
    if not (error > limit).any() and case.after is not None:  # right the first time: and the second?
        given = case.after.get(slot)
        error, note = errors(case, slot, given), "right on a new object, wrong after an earlier call"
    wrong = np.isfinite(truth) & (error > limit)
    compared, largest = int(np.isfinite(truth).sum()), float(np.nanmax(error, initial=0))
    if not wrong.any():
        return SlotCheck(slot, True, largest, compared, truth.size)
    if case.failure is not None:
        note = f"backward raises {case.failure!r}"
    elif given is None:
        note = "backward gives no gradient"
    elif given.shape != truth.shape:
        note = f"the gradient has shape {given.shape}, {slot} has {truth.shape}"
    entries: tuple[Entry, ...] = ()
    if given is not None and given.shape == truth.shape:
        first = [tuple(map(int, index)) for index in np.argwhere(wrong)[:FIRST]]
        entries = tuple(Entry(index, float(given[index]), float(truth[index])) for index in first)
    return SlotCheck(slot, False, largest, compared, truth.size, entries, note, tuple(mistakes(case, slot)))


def mistakes(case: Case, slot: str) -> list[Mistake]:
    """The hypotheses that hold on the whole case; if none does, those that hold on a part of it."""
    found = list(holding(case, slot, HYPOTHESES, ""))
    for part, smaller in () if found else parts(case):
        if slot in smaller.truth and (errors(smaller, slot, smaller.given.get(slot)) > 1e-4).any():
            small = tuple(each for each in HYPOTHESES if not each.only_whole)
            found = list(holding(smaller, slot, small, f" (seen on {part})"))
        if found:
            break
    return found


def parts(case: Case) -> Iterator[tuple[str, Case]]:
    """Smaller cases, on which fewer mistakes can hide: one item, one step, both."""
    row = case.smaller(0, 1)
    if row is not None:
        yield "the first item alone", row
    step = case.smaller(1, 1) if case.inputs[0].ndim > 2 else None
    if step is not None:
        yield "the first step alone", step
    both = step.smaller(0, 1) if step is not None else None
    if both is not None:
        yield "the first item's first step", both


def holding(case: Case, slot: str, hypotheses: tuple[Hypothesis, ...], part: str) -> Iterator[Mistake]:
    """The hypotheses that hold, in the table's order."""
    for hypothesis in hypotheses:
        with np.errstate(all="ignore"):
            judged = ((misfit(claim), claim.detail) for claim in hypothesis.claims(case, slot))
            fit, detail = next((each for each in judged if each[0] < FITS[case.precision]), (np.inf, ""))
        if fit < np.inf:
            texts = (hypothesis.name, hypothesis.cause, hypothesis.right)
            name, cause, right = (text.replace("{detail}", detail).replace("{slot}", slot) for text in texts)
            yield Mistake(name, cause, right, fit, part)


def likeliest(slots: tuple[SlotCheck, ...]) -> Mistake | None:
    """The mistake that explains most slots; of several, the one that comes first in the table."""
    found = [mistake for slot in slots for mistake in slot.mistakes]
    counts = Counter(kind for slot in slots for kind in {each.kind for each in slot.mistakes})
    places = {each.kind: place for place, each in reversed(list(enumerate(HYPOTHESES)))}
    return min(found, key=lambda each: (-counts[each.kind], places[each.kind]), default=None)
