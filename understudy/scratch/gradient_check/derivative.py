"""Activation derivatives that are missing, superfluous, or taken at the wrong place."""

from collections.abc import Iterator

import numpy as np

from understudy.scratch.activations import sigmoid
from understudy.scratch.gradient_check.case import Case
from understudy.scratch.gradient_check.claims import Claim, Claims, attempt, given
from understudy.scratch.layer import Array


def output_derivatives(case: Case) -> Iterator[tuple[str, Array]]:
    """What the derivative of the output's activation may be: by the output's range, and as measured."""
    y = case.y
    if y.size and y.min() >= 0 and y.max() <= 1:
        yield "sigmoid", y * (1 - y)
    if np.abs(y).max(initial=0) <= 1:
        yield "tanh", 1 - y**2
    if y.min(initial=0) >= 0 and (y == 0).any():
        yield "ReLU", (y > 0).astype(float)
    for slot, slopes in case.slopes.items():
        if case.shapes[slot] == y.shape and diagonal(slopes):
            yield "activation", np.nan_to_num(np.diagonal(slopes).reshape(y.shape))
        if y.ndim and case.shapes[slot] in (y.shape[-1:], (1, *y.shape[-1:])) and apart(slopes, y.shape[-1]):
            yield "activation", np.nan_to_num(slopes).sum(0).reshape(y.shape)


def before_activation(case: Case) -> Iterator[tuple[Array, Array]]:
    """What the output's derivative may be, and the activation's input behind it."""
    y = case.y
    with np.errstate(all="ignore"):
        if y.size and y.min() > 0 and y.max() < 1:
            yield y * (1 - y), np.log(y / (1 - y))
        if np.abs(y).max(initial=0) < 1:
            yield 1 - y**2, np.arctanh(y)


def diagonal(slopes: Array) -> bool:
    """Whether each output depends on its own entry alone."""
    return bool((np.nan_to_num(slopes) == np.diag(np.nan_to_num(np.diagonal(slopes)))).all())


def apart(slopes: Array, units: int) -> bool:
    """Whether each entry of a bias moves its own unit alone."""
    table = np.nan_to_num(slopes).reshape(units, -1, units).swapaxes(0, 1)
    return bool((table[:, ~np.eye(units, dtype=bool)] == 0).all())


def local_derivatives(case: Case, shape: tuple[int, ...]) -> Iterator[tuple[str, Array]]:
    """Derivatives at any array seen that has the shape; or one row of it that stretches over the shape's last axis."""
    for array in case.seen.values():
        if array.dtype.kind != "f" or not array.size or not shape:
            continue
        if array.shape != shape and array.size != shape[-1]:
            continue
        at = array if array.shape == shape else array.ravel()
        s = sigmoid(at)
        yield "sigmoid", s * (1 - s)
        yield "tanh", 1 - np.tanh(at) ** 2
        yield "ReLU", (at > 0).astype(float)
        if at.min() >= 0 and at.max() <= 1:
            yield "sigmoid", at * (1 - at)
        if np.abs(at).max() <= 1:
            yield "tanh", 1 - at**2


def missing(case: Case, slot: str) -> Claims:
    """Right once dy is multiplied by the derivative; or once the gradient is."""
    one, other = given(case, slot), case.truth[slot]
    for name, derivative in output_derivatives(case):
        if not (derivative == 1).all():
            yield Claim(attempt(case, slot, case.dy * derivative), other, name)
    for name, derivative in local_derivatives(case, other.shape):
        if one.shape == other.shape:
            yield Claim(one * derivative, other, name)
    if other.shape == case.dy.shape:
        yield Claim(one, case.dy, "activation")


def extra(case: Case, slot: str) -> Claims:
    """Right once dy is divided by the derivative; or it is the true gradient times a derivative."""
    one, other = given(case, slot), case.truth[slot]
    for name, derivative in output_derivatives(case):
        alive = np.abs(derivative) > 1e-8
        if not (np.minimum(np.abs(derivative), np.abs(derivative - 1)) < 1e-8).all():  # a mask twice is a mask
            divided = np.where(alive, case.dy, 0) / np.where(alive, derivative, 1)
            yield Claim(attempt(case, slot, divided), case.true_gradient(slot, case.dy * alive), name)
    for name, derivative in local_derivatives(case, other.shape):
        yield Claim(one, other * derivative, name)
    for array in case.seen.values():  # the softmax's, which mixes the values of a row
        if array.shape == other.shape and array.ndim and array.dtype.kind == "f":
            p = np.exp(array - array.max(-1, keepdims=True))
            p = p / p.sum(-1, keepdims=True)
            yield Claim(one, p * (other - (p * other).sum(-1, keepdims=True)), "softmax")


def incomplete(case: Case, slot: str) -> Claims:
    """Right once dy is multiplied by the part of the derivative that is missing."""
    y = case.y
    if y.size and np.abs(y).max() < 1:
        for name, part in factors(y).items():
            yield Claim(attempt(case, slot, case.dy * part), case.truth[slot], name)
    one, other = given(case, slot), case.truth[slot]
    for name, array in case.seen.items():
        fits = other.ndim and array.dtype.kind == "f" and (array.shape == other.shape or array.size == other.shape[-1])
        if fits and one.shape == other.shape and np.abs(array).max() < 1:
            at = array if array.shape == other.shape else array.ravel()
            for text, part in factors(at).items():
                yield Claim(one * part, other, text.replace("y", name))


def factors(y: Array) -> dict[str, Array]:
    """Parts of a sigmoid's and a tanh's derivative; and what makes either from the other."""
    safe = np.where(y == 0, 1, y)
    return {"y": y, "1 - y": 1 - y, "1 + y": 1 + y, "(1 + y) / y": (1 + y) / safe, "y / (1 + y)": y / (1 + y)}


def term_reversed(case: Case, slot: str) -> Claims:
    """One of two terms with the other sign, where the first is dy or dy * y."""
    y = case.y
    if y.size and np.abs(y).max() < 1:
        for factor in ((1 - y**2) / (1 + y**2), (1 - y) / (1 + y)):
            yield Claim(attempt(case, slot, case.dy * factor), case.truth[slot])
    one, other = given(case, slot), case.truth[slot]
    if other.shape == case.dy.shape:
        for first in (case.dy, case.dy * case.y):
            yield Claim(one, 2 * first - other)


def skip_forgotten(case: Case, slot: str) -> Claims:
    """The share of dy that goes around the layer is missing."""
    if case.truth[slot].shape == case.dy.shape:
        yield Claim(given(case, slot), case.truth[slot] - case.dy)
