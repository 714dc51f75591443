"""The latest of many times, and what is odd among them."""

import statistics
from collections import deque

LATEST = 7
KNOWN, ODD = 3, 4.0
"""From so many on it is known what is usual, and what a time has beyond so many medians is odd."""


class Recent:
    """The latest times of one kind of work."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=LATEST)

    def __len__(self) -> int:
        return len(self._times)

    def note(self, seconds: float) -> None:
        """One more."""
        self._times.append(seconds)

    def odd(self) -> float:
        """How much of the newest is odd; the first time that this is known, of those before it too."""
        if len(self) < KNOWN:
            return 0.0
        judged = self._times if len(self) == KNOWN else [self._times[-1]]
        return sum(max(0.0, one - ODD * self.median) for one in judged)

    @property
    def median(self) -> float:
        """Which no single one of them moves far."""
        return statistics.median(self._times)
