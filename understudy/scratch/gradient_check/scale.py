"""Gradients that are right but for a factor."""

import math
from collections.abc import Callable

import numpy as np

from understudy.scratch.gradient_check.case import Case
from understudy.scratch.gradient_check.claims import Claim, Claims, given, misfit


def negative(case: Case, slot: str) -> Claims:
    """The opposite sign."""
    yield Claim(given(case, slot), -case.truth[slot])


def ratio(case: Case, slot: str) -> float | None:
    """The factor between given and true gradient, if it is one and the same for at least two entries."""
    one, other = given(case, slot), case.truth[slot]
    if one.shape != other.shape or np.count_nonzero(np.nan_to_num(other)) < 2:
        return None
    known = np.isfinite(other)
    factor = float((one[known] * other[known]).sum() / (other[known] ** 2).sum())
    return factor if misfit(Claim(one, factor * other)) < 1e-5 else None


def growth(case: Case, slot: str) -> int | None:
    """The power of the batch size N in the ratio, from a case with a row less; None where there is no such case."""
    rows = case.inputs[0].shape[0] if case.inputs[0].ndim else 1
    less = case.fewer_rows
    if less is None:
        return None
    whole, part = ratio(case, slot), ratio(less, slot)
    if not whole or not part or whole * part < 0:
        return None
    return round(math.log(whole / part) / math.log(rows / (rows - 1)))


def values_of_a_row(case: Case) -> list[int]:
    """What D may be in 1 / (N D): entries of one item, here or further on, or of the last axis."""
    first = case.inputs[0]
    rows = [array for array in case.seen.values() if array.ndim > 1 and array.shape[0] == first.shape[0]]
    sizes = [int(np.prod(array.shape[1:])) for array in (first, *rows)] + [*first.shape[-1:]]
    return sorted({size for size in sizes if size > 1}, reverse=True)


def batch_factor(rows: int, values: int) -> Callable[[Case, str], Claims]:
    """The claim that the ratio is N^rows D^values."""

    def claims(case: Case, slot: str) -> Claims:
        count = case.inputs[0].shape[0] if case.inputs[0].ndim else 1
        if (count == 1 and rows) or (case.y.ndim and values) or ratio(case, slot) is None:
            return
        if growth(case, slot) not in (rows, None):
            return
        for size in values_of_a_row(case) if values else [1]:
            yield Claim(given(case, slot), case.truth[slot] * float(count) ** rows * float(size) ** values)

    return claims


def time_factor(power: int) -> Callable[[Case, str], Claims]:
    """The claim that the ratio is T^power, T the second axis of a sequence."""

    def claims(case: Case, slot: str) -> Claims:
        first = case.inputs[0]
        if first.ndim > 2 and first.shape[1] > 1 and growth(case, slot) in (0, None):
            yield Claim(given(case, slot), case.truth[slot] * float(first.shape[1]) ** power)

    return claims


def constant(factor: float) -> Callable[[Case, str], Claims]:
    """The claim that the ratio is this number, whatever the batch."""

    def claims(case: Case, slot: str) -> Claims:
        if ratio(case, slot) is not None and growth(case, slot) in (0, None):
            yield Claim(given(case, slot), factor * case.truth[slot], f"{factor:g}")

    return claims


def some_constant(case: Case, slot: str) -> Claims:
    """Any one ratio."""
    factor = ratio(case, slot)
    if factor is not None and factor != 0:
        yield Claim(given(case, slot), factor * case.truth[slot], f"{factor:.6g}")
