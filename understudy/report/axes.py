"""Axes of the pictures drawn without a script: round ticks and the way from data to picture."""

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Axis:
    """Maps data from [low, high] to [start, end] of the picture."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a value in the picture."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self, count: int = 5) -> list[float]:
        """About `count` round values within the axis: steps of 1, 2 or 5 times a power of ten."""
        rough = (self.high - self.low) / count
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [index * step for index in range(first, last + 1)]


def bounds(values: Iterable[float], margin: float = 0.05) -> tuple[float, float]:
    """Lowest and highest finite value with some air around them; never an empty range."""
    finite = [value for value in values if math.isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    air = (high - low) * margin if high > low else abs(low) * 0.5 or 1.0
    return low - air, high + air


def tick_label(value: float) -> str:
    """A tick's number, short: 1,200 becomes 1.2k."""
    if abs(value) >= 1e7 or 0 < abs(value) < 1e-3:
        mantissa, exponent = f"{value:.2e}".split("e")
        text = f"{float(mantissa):g}e{int(exponent)}"
    elif abs(value) >= 1e6:
        text = f"{value / 1e6:g}M"
    elif abs(value) >= 1000:
        text = f"{value / 1000:g}k"
    else:
        text = f"{value:.6g}"
    return text.replace("-", "−") if text.startswith("-") else text
