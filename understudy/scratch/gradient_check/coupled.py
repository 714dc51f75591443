"""Layers whose outputs depend on every input of a row: softmax and normalisation."""

import numpy as np

from understudy.scratch.gradient_check.case import Case
from understudy.scratch.gradient_check.claims import Claim, Claims, given
from understudy.scratch.gradient_check.derivative import diagonal


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
