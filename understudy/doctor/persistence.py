"""Since when something has held: one odd reading is no finding."""

from __future__ import annotations

from collections.abc import Callable

from understudy.doctor.signals import Signal

TIMES = 3
"""Readings in a row that it takes."""


def holding(signal: Signal, test: Callable[[float], bool], times: int = TIMES) -> int | None:
    """The step since which every reading passed the test, if the newest ones do and are enough; else None."""
    since, count = None, 0
    for step, value in signal:
        since, count = (step if count == 0 else since, count + 1) if test(value) else (None, 0)
    return since if count >= times else None


def held(signal: Signal, test: Callable[[float], bool], times: int = TIMES) -> int | None:
    """The first step of the first so many readings in a row that passed the test, even if later ones do not."""
    since, count = None, 0
    for step, value in signal:
        since, count = (step if count == 0 else since, count + 1) if test(value) else (None, 0)
        if count == times:
            return since
    return None
