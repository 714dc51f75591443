"""Series that are computed: a chaotic one, and one whose every cycle is known."""

import numpy as np

from understudy.data.dataset import Dataset
from understudy.data.dates import Axis
from understudy.data.differences import Floats
from understudy.data.fit import Fit
from understudy.data.options import DataOptions
from understudy.data.series import Series
from understudy.data.series_splits import from_series

SAMPLES = 2000
PER_STEP = 10  # steps of the integration to one sample
DELAY = 17
HOURS = 24 * 120
NOISE = 0.05  # metres
_SEED = 20_080_523

CONSTITUENTS = {  # hours, metres, turns at the beginning; hours as in the tables of the hydrographic offices
    "M2": (12.4206012, 1.20, 0.10),
    "S2": (12.0, 0.40, 0.35),
    "N2": (12.65834751, 0.25, 0.80),
    "K2": (11.96723606, 0.11, 0.55),
    "K1": (23.93447213, 0.30, 0.20),
    "O1": (25.81933871, 0.20, 0.65),
    "P1": (24.06588766, 0.10, 0.90),
}


def mackey_glass(samples: int = SAMPLES, per_step: int = PER_STEP) -> Floats:
    """x' = 0.2 x(t - 17) / (1 + x(t - 17)^10) - 0.1 x from x = 1.2, a sample each unit of time, the first 300 dropped.

    By the classic Runge-Kutta scheme of order 4; halfway between two steps the delayed value is their mean.

    Reference:
        Mackey and Glass, 1977, Oscillation and Chaos in Physiological Control Systems, Science 197.
    """
    skipped = 300
    steps, delay, size = (samples + skipped) * per_step, DELAY * per_step, 1 / per_step
    x = np.full(delay + steps + 1, 1.2)

    def slope(now: float, then: float) -> float:
        return 0.2 * then / (1 + then**10) - 0.1 * now

    for place in range(delay, delay + steps):
        start, end = x[place - delay], x[place - delay + 1]
        middle = (start + end) / 2
        first = slope(x[place], start)
        second = slope(x[place] + size / 2 * first, middle)
        third = slope(x[place] + size / 2 * second, middle)
        last = slope(x[place] + size * third, end)
        x[place + 1] = x[place] + size / 6 * (first + 2 * second + 2 * third + last)
    return x[delay + skipped * per_step :: per_step][:samples].copy()


def tides(hours: int = HOURS, noise: float = NOISE) -> Floats:
    """The height of the sea each hour: seven constituents of the tide, in metres, and noise."""
    time = np.arange(hours)
    height = sum(size * np.cos(2 * np.pi * (time / hours_ - turn)) for hours_, size, turn in CONSTITUENTS.values())
    return np.asarray(height + np.random.RandomState(_SEED).normal(0, noise, hours))


def load_mackey_glass(options: DataOptions, fit: Fit | None = None) -> Dataset:
    """2,000 samples of the Mackey-Glass equation."""
    series = Series(Axis("n", 1, 0), ("x",), mackey_glass()[None])
    return from_series(series, "mackey-glass", options, fit)


def load_tides(options: DataOptions, fit: Fit | None = None) -> Dataset:
    """120 days of computed tides, from the first hour of 2024."""
    start = int(np.datetime64("2024-01-01", "s").astype(np.int64))
    return from_series(Series(Axis("s", 3600, start), ("height",), tides()[None]), "tides", options, fit)
