"""Mistakes in what a backward pass carries from step to step."""

from collections.abc import Iterator

import numpy as np

from understudy.scratch.gradient_check.case import Case
from understudy.scratch.gradient_check.claims import Claim, Claims, attempt, given
from understudy.scratch.gradient_check.derivative import put
from understudy.scratch.layer import Array


def own_steps(case: Case, slot: str) -> Iterator[tuple[int, Array]]:
    """By axis: the gradient that reaches each step from that step's own output."""
    shape = case.shapes[slot]
    for axis in range(min(2, len(shape), case.y.ndim)):
        if shape[axis] == case.y.shape[axis] > 1 and slot in case.subject.input_names:
            own = np.zeros(shape)
            for step in range(shape[axis]):
                dy = np.zeros_like(case.dy)
                at = (slice(None),) * axis + (step,)
                dy[at] = case.dy[at]
                own[at] = case.true_gradient(slot, dy)[at]
            yield axis, own


def not_carried(case: Case, slot: str) -> Claims:
    """Each step's own share alone."""
    for _, own in own_steps(case, slot):
        if not np.allclose(own, case.truth[slot], atol=case.noise, equal_nan=True):
            yield Claim(given(case, slot), own)


def carried_reversed(case: Case, slot: str) -> Claims:
    """One step's own share is right; what comes from the next step has the other sign."""
    for axis, own in own_steps(case, slot):
        if case.shapes[slot][axis] == 2:
            yield Claim(given(case, slot), 2 * own - case.truth[slot])


def overwritten(case: Case, slot: str) -> Claims:
    """Of a kept array only one step counts: the others may be 0, and if it is, nothing is left."""
    one = given(case, slot)
    if one.shape != case.truth[slot].shape or one.ndim != 2 or not one.any():
        return
    for name, array in case.kept().items():
        if array.ndim < 2 or array.dtype.kind != "f":
            continue
        for axis in range(array.ndim - 1):
            for place, word in ((0, "first"), (-1, "last")):
                if array.shape[axis] > 1:
                    at = (slice(None),) * axis + (place,)
                    alone, without = np.zeros_like(array), array.copy()
                    alone[at], without[at] = array[at], 0
                    kept = [attempt(case, slot, change=put(name, made)) for made in (alone, without)]
                    if kept[0] is not None and kept[1] is not None:
                        yield Claim(np.stack([kept[0], kept[1]]), np.stack([one, np.zeros_like(one)]), word)
