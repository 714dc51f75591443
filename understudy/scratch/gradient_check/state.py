"""Mistakes that show when an object is used twice, or that leave a gradient out."""

import numpy as np

from understudy.scratch.gradient_check.case import Case
from understudy.scratch.gradient_check.claims import Claim, Claims, attempt, given


def nothing(case: Case, slot: str) -> Claims:
    """No gradient, or only zeros. One more entry on both sides, as zeros alone agree with nothing."""
    if case.failure is None:
        array = case.given.get(slot)
        zeros = np.zeros(case.shapes[slot]) if array is None else array
        yield Claim(np.append(zeros, case.noise + 1e-9), np.append(0 * zeros, case.noise + 1e-9))


def adding_up(case: Case, slot: str) -> Claims:
    """The second call gives its own gradient and the first call's."""
    if case.after is not None:
        first = attempt(case, slot, inputs=case.earlier)
        again = case.after.get(slot)
        if first is not None and again is not None and first.shape == again.shape:
            yield Claim(again - first, given(case, slot))


def stale(case: Case, slot: str) -> Claims:
    """Right on a new object, wrong on one that has seen other input; or that other input's gradient."""
    if case.after is None:
        return
    again, fresh = case.after.get(slot), given(case, slot)
    if again is None or again.shape != fresh.shape or np.allclose(again, fresh, rtol=1e-7, atol=case.noise):
        return
    yield Claim(fresh, case.truth[slot])
    other = attempt(case, slot, inputs=case.earlier)
    if other is not None:
        yield Claim(again, other)
