"""Gradients that were summed or broadcast along the wrong axes, or transposed."""

from collections.abc import Callable
from itertools import combinations, permutations

import numpy as np

from understudy.scratch.gradient_check.case import Case
from understudy.scratch.gradient_check.claims import Claim, Claims, attempt, given, misfit
from understudy.scratch.gradient_check.operand import gradients_before_activation
from understudy.scratch.gradient_check.scale import batch_factor
from understudy.scratch.gradient_check.subject import Trial
from understudy.scratch.layer import Array


def not_summed(case: Case, slot: str) -> Claims:
    """More axes than the parameter; summed (or averaged) over some, it is right."""
    one, other = given(case, slot), case.truth[slot]
    if one.size <= other.size:
        return
    for count in range(1, one.ndim + 1):
        for axes in combinations(range(one.ndim), count):
            total = one.sum(axes)
            if total.size == other.size:
                yield Claim(total.reshape(other.shape), other)
                yield Claim(total.reshape(other.shape) / one.shape[axes[0]], other)


def averaged(case: Case, slot: str) -> Claims:
    """A bias's mean in place of its sum; some other gradient is right, so a loss's 1/N is not the matter."""
    others = [other for other in case.truth if other != slot]
    bias = case.truth[slot].ndim == 1 and slot not in case.subject.input_names[:1]
    if bias and any(misfit(Claim(given(case, other), case.truth[other])) < 1e-5 for other in others):
        yield from batch_factor(-1, 0)(case, slot)


def summed_too_far(case: Case, slot: str) -> Claims:
    """Fewer values than the parameter: the sum went over its own axes too, or over the wrong one."""
    one, other = given(case, slot), case.truth[slot]
    if one.shape == other.shape and other.size > 1:
        for count in (1, other.size, case.dy.size):
            yield Claim(one, np.full(other.shape, other.sum() / count))
        for dz in gradients_before_activation(case, other.size) if other.ndim == 1 else ():
            for total in (dz.sum(1), dz.mean(1)):
                yield Claim(one, total)
    elif one.size and one.size != other.size:
        for count in (1, other.size, case.dy.size):
            yield Claim(one.sum() * count, other.sum())


def one_row_only(case: Case, slot: str) -> Claims:
    """The last or first item's share of the sum."""
    if case.y.ndim < 1 or case.y.shape[0] < 2 or slot in case.subject.input_names[:1]:
        return
    for place, word in ((-1, "last"), (0, "first")):
        dy = np.zeros_like(case.dy)
        dy[place] = case.dy[place]
        yield Claim(given(case, slot), case.true_gradient(slot, dy), word)


def reshaped(case: Case, slot: str) -> Claims:
    """The right values in a wrong shape."""
    one, other = given(case, slot), case.truth[slot]
    if one.shape != other.shape and one.size == other.size:
        yield Claim(one.ravel(), other.ravel(), f"{one.shape} for {other.shape}")


def transposed(case: Case, slot: str) -> Claims:
    """The transpose; or right once a matrix is turned between forward and backward pass."""
    one, other = given(case, slot), case.truth[slot]
    if other.ndim == 2 and min(other.shape) > 1:
        yield Claim(one, other.T, slot)
        yield Claim(one.ravel(), other.T.ravel(), slot)
    if one.ndim == other.ndim > 2 and one.size == other.size:
        for axes in permutations(range(other.ndim)):
            yield Claim(one, other.transpose(axes), slot)
    for name, array in case.kept().items():
        if array.ndim == 2 and min(array.shape) > 1:
            yield Claim(attempt(case, slot, change=turned(name)), other, name)


def turned(name: str) -> Callable[[Trial], None]:
    """Turn a kept matrix."""
    return lambda trial: trial.replace(name, trial.kept()[name].T.copy())


def outer_difference(case: Case, slot: str) -> Claims:
    """From p of shape (N, 1) and t of (N,), p - t has shape (N, N): it, its sums, or its means, times any constant."""
    one = given(case, slot)
    columns = [(name, array) for name, array in case.seen.items() if array.size == max(array.shape, default=0) > 1]
    for first, p in columns:
        for second, t in columns:
            if p.size == t.size and p.shape != t.shape:
                table = p.reshape(-1, 1) - t.reshape(1, -1)
                for made in (table, table.sum(1), table.sum(0)):
                    if made.size == one.size:
                        yield Claim(
                            one, scaled_to(made.reshape(one.shape), one), f"{first} {p.shape} - {second} {t.shape}"
                        )


def scaled_to(made: Array, one: Array) -> Array:
    """The multiple of an array that is nearest to another."""
    norm = float((made**2).sum())
    return made * (float((made * one).sum()) / norm if norm else 0.0)
