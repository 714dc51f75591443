"""Activation derivatives that are missing, superfluous, or taken at the wrong place."""

from collections.abc import Callable, Iterator

import numpy as np

from understudy.scratch.activations import sigmoid
from understudy.scratch.gradient_check.case import Case
from understudy.scratch.gradient_check.claims import Claim, Claims, attempt, given
from understudy.scratch.gradient_check.subjects import Trial
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


def mask_of_dy(case: Case, slot: str) -> Claims:
    """Where dy is negative nothing passes: all of it negative, the gradient is 0."""
    negative = attempt(case, slot, -np.abs(case.dy))
    if negative is None or not given(case, slot).any() or not case.true_gradient(slot, -np.abs(case.dy)).any():
        return
    yield Claim(np.append(negative, 1.0), np.append(0 * negative, 1.0))  # zeros alone agree with nothing
    opposite, one = attempt(case, slot, -case.dy), given(case, slot)
    if opposite is not None and one.shape == opposite.shape == case.truth[slot].shape:
        true, linear = case.truth[slot], np.abs(one + opposite).max() <= 1e-6 * np.abs(one).max()
        if not linear:  # a deeper layer's mask of what comes back to it
            yield Claim(np.where(true == 0, 0, one - opposite), true)


def mask_after(case: Case, slot: str) -> Claims:
    """The mask put on dy @ W.T, on the wrong side of the product."""
    if case.y.ndim != 2 or case.truth[slot].ndim != 2:
        return
    weights = [array for array in case.seen.values() if array.ndim == 2]
    for weight in weights:
        if weight.shape[1] == case.y.shape[1] and weight.shape[0] == case.truth[slot].shape[1]:
            product = case.dy @ weight.T
            for name, array in case.seen.items():
                if array.shape == product.shape:
                    yield Claim(given(case, slot), product * (array > 0), name)


def mask_of_wrong_array(case: Case, slot: str) -> Claims:
    """Right once a kept mask, or the signs of a kept array, are those of another array."""
    masks = {name: array for name, array in case.kept().items() if array.dtype.kind in "bf" and array.ndim}
    for kept, array in masks.items():
        for name, source in case.seen.items():
            if source.shape == array.shape and source.dtype.kind == "f":
                for at, word in ((source, ""), (-source, "-")):
                    signs = at > 0 if array.dtype.kind == "b" else np.where(at > 0, 1.0, -1.0)
                    text = f"{kept} in place of {word}{name}"
                    yield Claim(attempt(case, slot, change=put(kept, signs)), case.truth[slot], text)
            if source.shape == array.shape and array.dtype.kind == "f" and set(np.unique(array)) <= {0.0, 1.0}:
                yield Claim(
                    attempt(case, slot, change=put(kept, (source > 0) * 1.0)),
                    case.truth[slot],
                    f"{kept} in place of {name}",
                )


def put(name: str, array: Array) -> Callable[[Trial], None]:
    """Let an array stand for a kept one."""
    return lambda trial: trial.replace(name, array)


def one_side(case: Case, slot: str) -> Claims:
    """Right where the input is positive, off by one factor where it is negative."""
    one, other = given(case, slot), case.truth[slot]
    for array in case.seen.values():
        if array.shape != other.shape or one.shape != other.shape:
            continue
        low = (array < 0) & np.isfinite(other) & (other != 0)
        if low.sum() > 1:
            factor = float((one[low] / other[low]).mean())
            yield Claim(one, np.where(array < 0, factor * other, other), f"{factor:.4g}")


def diagonal_only(case: Case, slot: str) -> Claims:
    """Each output's derivative by its own input alone."""
    slopes, other = case.slopes[slot], case.truth[slot]
    if other.shape == case.y.shape and not diagonal(slopes):
        yield Claim(given(case, slot), np.diagonal(slopes).reshape(other.shape) * case.dy)
        yield Claim(given(case, slot), case.y * case.dy)  # a softmax without its second term


def softmax_axis(case: Case, slot: str) -> Claims:
    """The softmax's sum over a wrong axis, a mean in its place, or a sum of dy alone."""
    y, weighted = case.y, case.dy * case.y
    if case.truth[slot].shape == y.shape:
        for axis in (*range(y.ndim - 1), None):
            yield Claim(given(case, slot), y * (case.dy - weighted.sum(axis, keepdims=True)))
        if y.ndim:
            yield Claim(given(case, slot), y * (case.dy - weighted.mean(-1, keepdims=True)))
            yield Claim(given(case, slot), y * (case.dy - case.dy.sum(-1, keepdims=True)))


def statistics_constant(case: Case, slot: str) -> Claims:
    """A normalisation's mean, variance, or both, taken for constants."""
    other = case.truth[slot]
    if other.shape != case.y.shape or other.ndim == 0:
        return
    x = case.inputs[0]
    scales = [np.ones(1), *(array for array in case.seen.values() if array.shape == other.shape[-1:])]
    for axis in (-1, 0):
        deviation = np.sqrt(x.var(axis, keepdims=True) + 1e-5)
        for scale in scales:
            dy = case.dy * scale
            for made in (dy, dy - dy.mean(axis, keepdims=True)):
                made = made / deviation
                norm = float((made**2).sum()) or 1.0
                nearest = float((made * given(case, slot)).sum()) / norm if given(case, slot).shape == made.shape else 0
                if abs(nearest - 1) < 0.01:  # epsilon is the user's
                    yield Claim(given(case, slot), made * nearest)


def incomplete(case: Case, slot: str) -> Claims:
    """Right once dy is multiplied by the part of the derivative that lacks."""
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
