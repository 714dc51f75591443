"""Mistakes in what a backward pass carries from step to step."""

from collections.abc import Iterator

import numpy as np

from understudy.scratch.gradient_check.case import Case
from understudy.scratch.gradient_check.claims import Claim, Claims, attempt, given, misfit, put
from understudy.scratch.gradient_check.operand import gradients_before_activation
from understudy.scratch.layer import Array


def own_steps(case: Case, slot: str) -> Iterator[tuple[int, Array]]:
    """By axis: the gradient that reaches each step from that step's own output."""
    shape = case.shapes[slot]
    for axis in range(min(2, len(shape), case.y.ndim)):
        if shape[axis] == case.y.shape[axis] > 1 and slot in case.subject.input_names:
            own = np.zeros(shape)
            for step in range(shape[axis]):
                at = (slice(None),) * axis + (step,)
                own[at] = case.true_gradient(slot, at_step(case, axis, step))[at]
            yield axis, own


def not_carried(case: Case, slot: str) -> Claims:
    """Each step's own share alone."""
    for _, own in own_steps(case, slot):
        if not np.allclose(own, case.truth[slot], atol=case.noise, equal_nan=True):
            yield Claim(given(case, slot), own)


def last_step_only(case: Case, slot: str) -> Claims:
    """Of a sequence whose last state alone is the output, only the last step is reached."""
    truth = case.truth[slot]
    for axis in range(min(2, truth.ndim - 1)):
        if slot in case.subject.input_names and truth.shape[axis] > 1:
            at = (slice(None),) * axis + (-1,)
            own = np.zeros_like(truth)
            own[at] = truth[at]
            yield Claim(given(case, slot), own)


def carried_without_derivative(case: Case, slot: str) -> Claims:
    """From the last step to the one before it, right once dy there is multiplied by the derivative, or divided."""
    shape, y = case.shapes[slot], case.y
    if slot not in case.subject.input_names[:1] or np.abs(y).max(initial=0) >= 1:
        return
    for axis in range(min(2, len(shape), y.ndim)):
        if shape[axis] == y.shape[axis] > 1:
            dy, before = at_step(case, axis, -1), (slice(None),) * axis + (-2,)
            true = case.true_gradient(slot, dy)[before]
            for slope in (1 - y**2, y * (1 - y)):
                for factor, word in ((slope, "missing"), (1 / np.where(slope == 0, 1, slope), "extra")):
                    one = attempt(case, slot, dy * factor)
                    yield Claim(None if one is None or one.shape != shape else one[before], true, word)


def carried_reversed(case: Case, slot: str) -> Claims:
    """What comes from the last step to the one before it has the other sign."""
    shape = case.shapes[slot]
    for axis in range(min(2, len(shape), case.y.ndim)):
        if slot in case.subject.input_names[:1] and shape[axis] == case.y.shape[axis] > 1:
            dy, before = at_step(case, axis, -1), (slice(None),) * axis + (-2,)
            one = attempt(case, slot, dy)
            yield Claim(
                None if one is None or one.shape != shape else -one[before], case.true_gradient(slot, dy)[before]
            )


def at_step(case: Case, axis: int, step: int) -> Array:
    """The projection dy of one step's output alone."""
    dy = np.zeros_like(case.dy)
    at = (slice(None),) * axis + (step,)
    dy[at] = case.dy[at]
    return dy


def overwritten_in_time(case: Case, slot: str) -> Claims:
    """The gradient of x is right, the parameter's too once the first step alone has a dy: what comes later is lost."""
    first, x = case.subject.input_names[0], case.inputs[0]
    if x.ndim < 3 or slot in case.subject.input_names or misfit(Claim(given(case, first), case.truth[first])) > 1e-5:
        return
    for axis in range(min(2, case.y.ndim)):
        if x.shape[axis] == case.y.shape[axis] > 1:
            dy = at_step(case, axis, 0)
            yield Claim(attempt(case, slot, dy), case.true_gradient(slot, dy), "first")


def overwritten(case: Case, slot: str) -> Claims:
    """Of a kept array only one step counts: the others may be 0, and if it is, nothing is left.

    A bias depends on no array; for it, one step's dz.
    """
    one = given(case, slot)
    rows = case.inputs[0].shape[:-1]
    for dz in gradients_before_activation(case, one.size) if one.ndim == 1 and len(rows) > 1 else ():
        if dz.size == np.prod(rows) * one.size:
            steps = dz.reshape(*rows, one.size)
            for axis, place, word in ((0, 0, "first"), (0, -1, "last"), (1, 0, "first"), (1, -1, "last")):
                share = steps.take(place, axis)
                yield Claim(one, share.reshape(-1, one.size).sum(0), word)
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
