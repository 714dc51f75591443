"""Forecasts that need no network. Every forecast is judged beside them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def naive(history: Floats, season: int, horizon: int) -> Floats:
    """The last value again: (series, time) -> (series, horizon)."""
    return np.repeat(history[:, -1:], horizon, 1)


def seasonal_naive(history: Floats, season: int, horizon: int) -> Floats:
    """The last season again: (series, time) -> (series, horizon)."""
    return np.asarray(history[:, history.shape[1] - season :][:, np.arange(horizon) % season])


def growth_naive(history: Floats, season: int, horizon: int) -> Floats:
    """The last season again, times the growth from the one before it to it, once more for each season ahead.

    A series that is not positive grows by no factor: its last season is moved by the mean change instead.

    Shapes: (series, time), at least two seasons -> (series, horizon)
    """
    last, before = history[:, -season:], history[:, -2 * season : -season]
    seasons = 1 + np.arange(horizon) // season
    again = seasonal_naive(history, season, horizon)
    grows = (last.min(1) > 0) & (before.min(1) > 0)
    growth = np.where(grows, last.sum(1) / np.where(grows, before.sum(1), 1.0), 1.0)
    change = np.where(grows, 0.0, last.mean(1) - before.mean(1))
    return np.asarray(again * growth[:, None] ** seasons + change[:, None] * seasons)


NAIVE: dict[str, Callable[[Floats, int, int], Floats]] = {
    "naive": naive,
    "seasonal_naive": seasonal_naive,
    "growth_naive": growth_naive,
}
