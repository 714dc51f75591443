"""What a hypothesis says, and how far that is from being so."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from understudy.scratch.gradient_check.case import Case
from understudy.scratch.gradient_check.subject import Trial
from understudy.scratch.layer import Array

FITS = {8: 1e-5, 4: 2e-2, 2: 1e-1}  # by bytes of the output's floats: how near two arrays are that are said to agree


@dataclass(frozen=True)
class Claim:
    """Two arrays that agree if the mistake was made; `detail` names what the hypothesis leaves open."""

    one: Array | None
    other: Array
    detail: str = ""


Claims = Iterator[Claim]


@dataclass(frozen=True)
class Hypothesis:
    """A mistake that people make.

    Attributes:
        name: the mistake; `{detail}` is the claim's.
        cause: in plain language, how it comes about.
        right: the line of algebra that would be right; `{slot}` is the parameter or input.
        claims: what it would make of a case, for one slot.
        only_whole: it makes no sense on a part of the input.
    """

    name: str
    cause: str
    right: str
    claims: Callable[[Case, str], Claims]
    only_whole: bool = False

    @property
    def kind(self) -> str:
        """The name without its detail."""
        return self.name.partition(" (")[0]


def misfit(claim: Claim) -> float:
    """Distance of a claim's arrays, relative to their size; infinite where they say nothing."""
    if claim.one is None or claim.one.shape != claim.other.shape:
        return np.inf
    known = np.isfinite(claim.other)  # the truth may be unknown somewhere; what is given must be a number there
    if not np.isfinite(claim.one[known]).all():
        return np.inf
    size = max(np.linalg.norm(claim.one[known]), np.linalg.norm(claim.other[known]))
    if size == 0:
        return np.inf
    return float(np.linalg.norm((claim.one - claim.other)[known]) / size)


def given(case: Case, slot: str) -> Array:
    """The gradient that the backward pass gives; empty where it gives none, which agrees with nothing."""
    array = case.given.get(slot)
    return np.empty(0) if array is None else array


def attempt(
    case: Case,
    slot: str,
    dy: Array | None = None,
    change: Callable[[Trial], None] | None = None,
    inputs: Sequence[Array] | None = None,
) -> Array | None:
    """The slot's gradient with something changed, if the backward pass bears the change."""
    try:
        return case.given_by(case.dy if dy is None else dy, change, inputs).get(slot)
    except Exception:  # a changed array need not fit the user's code; then the hypothesis does not hold
        return None


def put(name: str, array: Array) -> Callable[[Trial], None]:
    """Let an array stand for a kept one."""
    return lambda trial: trial.replace(name, array)
