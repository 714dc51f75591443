"""A learning rate that changes at set times."""

from bisect import bisect_right
from collections.abc import Sequence

from understudy.errors import OptionError


class PiecewiseConstant:
    """rates[i] from boundaries[i - 1] on: `PiecewiseConstant([70], [0.5, 0.3])` is 0.5 before time 70, then 0.3.

    Raises:
        OptionError: the boundaries do not rise, or there is not one rate more than there are boundaries.
    """

    def __init__(self, boundaries: Sequence[float], rates: Sequence[float]) -> None:
        if len(rates) != len(boundaries) + 1:
            raise OptionError(f"{len(boundaries)} boundaries need {len(boundaries) + 1} rates, got {len(rates)}")
        if list(boundaries) != sorted(set(boundaries)):
            raise OptionError(f"boundaries must rise, got {list(boundaries)}")
        self.boundaries, self.rates = boundaries, rates

    def __call__(self, time: float) -> float:
        """The rate at a time (an epoch, a step)."""
        return self.rates[bisect_right(self.boundaries, time)]
