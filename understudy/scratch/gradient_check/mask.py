"""A ReLU's mask: of the wrong array, at the wrong place, or with the wrong slope."""

import numpy as np

from understudy.scratch.gradient_check.case import Case
from understudy.scratch.gradient_check.claims import Claim, Claims, attempt, given, put


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
