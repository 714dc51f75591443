"""The wrong array in a product."""

from collections.abc import Iterator

import numpy as np

from understudy.scratch.activations import sigmoid
from understudy.scratch.gradient_check.case import Case
from understudy.scratch.gradient_check.claims import Claim, Claims, attempt, given, misfit, put
from understudy.scratch.gradient_check.derivative import before_activation
from understudy.scratch.layer import Array


def exchanged(case: Case, slot: str) -> Claims:
    """Right once a kept array is exchanged for another of its shape."""
    kept = {name: array for name, array in case.kept().items() if array.dtype.kind == "f" and array.ndim > 1}
    for name, array in kept.items():
        for other, source in case.seen.items():
            if source.shape == array.shape and not np.array_equal(source, array):
                yield Claim(
                    attempt(case, slot, change=put(name, source.copy())),
                    case.truth[slot],
                    f"{name} in place of {other}",
                )


def product(case: Case, slot: str) -> Claims:
    """A.T @ dz, with an array A that is not the layer's input."""
    one, other = given(case, slot), case.truth[slot]
    if other.ndim != 2:
        return
    for dz in gradients_before_activation(case, other.shape[1]):
        made = dict(products(case, dz, other.shape[0]))
        if dz is not case.dy or any(misfit(Claim(other, each)) < 1e-5 for each in made.values()):
            yield from (Claim(one, each, name) for name, each in made.items())


def without_derivative(case: Case, slot: str) -> Claims:
    """A.T @ dy, where no array makes that right: behind an activation, dy is not yet dz."""
    one, other = given(case, slot), case.truth[slot]
    if other.ndim == case.dy.ndim == 2 and case.dy.shape[1] == other.shape[1]:
        made = dict(products(case, case.dy, other.shape[0]))
        if all(misfit(Claim(other, each)) > 1e-5 for each in made.values()):
            yield from (Claim(one, each, "activation") for each in made.values())


def products(case: Case, dz: Array, inputs: int) -> Iterator[tuple[str, Array]]:
    """A.T @ dz for every array seen that has so many values in a row, by its name."""
    for name, array in case.seen.items():
        if array.ndim and array.shape[-1] == inputs and array.size // inputs == len(dz):
            yield name, array.reshape(-1, inputs).T @ dz


def gradients_before_activation(case: Case, units: int) -> Iterator[Array]:
    """What dz = dL/d(x W + b) may be, (rows, units): through a bias row by row, through x and W, or dy itself."""
    if case.y.ndim and case.y.shape[-1] == units:
        yield case.dy if case.dy.ndim == 2 else case.dy.reshape(-1, units)
    for slot, shape in case.shapes.items():
        if shape in ((units,), (1, units)):
            yield np.stack([case.true_gradient(slot, dy).ravel() for dy in row_by_row(case)])
    x = case.truth.get(case.subject.input_names[0])
    for array in case.seen.values():
        if x is not None and x.ndim and array.shape == (x.shape[-1], units) and units <= x.shape[-1]:
            yield x.reshape(-1, x.shape[-1]) @ np.linalg.pinv(array.T)


def row_by_row(case: Case) -> Iterator[Array]:
    """The projection dy, one row at a time."""
    if case.y.ndim < 2:
        yield case.dy
        return
    for place in np.ndindex(case.y.shape[:-1]):
        dy = np.zeros_like(case.dy)
        dy[place] = case.dy[place]
        yield dy


def another_slot(case: Case, slot: str) -> Claims:
    """The gradient of another input or parameter."""
    for other, truth in case.truth.items():
        if other != slot:
            yield Claim(given(case, slot), truth, f"d{other}")


def wrong_factor(case: Case, slot: str) -> Claims:
    """An activation's derivative computed from the wrong array: dy * f'(A)."""
    for slope, z in before_activation(case):
        for made in (z * (1 - z), 1 - z**2, sigmoid(case.y) * (1 - sigmoid(case.y)), 1 - np.tanh(case.y) ** 2):
            with np.errstate(all="ignore"):
                dy = np.nan_to_num(case.dy * slope / made)
            yield Claim(attempt(case, slot, dy), case.truth[slot], "the wrong side of the activation")
    if case.truth[slot].shape == case.dy.shape:
        for name, a in case.seen.items():
            if a.shape == case.dy.shape and a.dtype.kind == "f":
                for made in (a * (1 - a), 1 - a**2, 1 - np.tanh(a) ** 2):
                    yield Claim(given(case, slot), case.dy * made, name)
