"""When to look: so seldom that looking costs next to nothing, and by a clock that tests can set."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SHARE = 0.02
"""Of the time that training takes without the doctor; it is to cost 3% at most, and its own clock does not see all."""
SHARE_OF_SAMPLES = 0.014
"""Of the same: what is left of it is for looks at held-out items and for the rules."""
GRACE = 0.1
"""Seconds that a run may cost beyond that: one that is over in a few seconds is looked at too."""
EVERY = 64
"""Steps between two samples; one takes about as long as a step, hooks at every step cost up to 46%."""
EARLY = 32
"""Steps up to which each power of two is sampled, whatever it costs."""
LOOKS = 4
"""Samples from one look at held-out items to the next."""
KEPT = 64
"""Samples of each doubling of the steps: what is kept of a run grows with its logarithm."""


class Pace:
    """Decides which steps are sampled, and keeps account of the time.

    Attributes:
        spent: seconds that the doctor took.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.clock = clock
        self.spent = 0.0
        self._began = clock()
        self._depth = 0
        self._costs: dict[str, float] = {}

    def start(self) -> None:
        """Training begins now."""
        self._began, self.spent = self.clock(), 0.0

    @contextmanager
    def working(self, kind: str = "") -> Iterator[None]:
        """The doctor's own time; within another block of its own it counts once."""
        began, self._depth = self.clock(), self._depth + 1
        try:
            yield
        finally:
            self._depth -= 1
            took = self.clock() - began
            if self._depth == 0:
                self.spent += took
            if kind:
                self._costs[kind] = took

    def cost(self, kind: str, seconds: float) -> None:
        """What one of a kind of work took, where it is in pieces."""
        self._costs[kind] = seconds

    def affordable(self, kind: str, share: float = SHARE) -> bool:
        """Whether the share is kept if the work is done again and costs what it did last time."""
        trained = self.clock() - self._began - self.spent
        return self.spent + self._costs.get(kind, 0.0) <= GRACE + share * trained

    def due(self, step: int) -> bool:
        """Whether to sample this step: early ones always, later ones on a grid that widens, if it is affordable."""
        if step <= EARLY:
            return step & (step - 1) == 0
        return step % interval(step) == 0 and self.affordable("sample", SHARE_OF_SAMPLES)

    def look_due(self, step: int) -> bool:
        """Whether to look at held-out items after this step: early doublings, whatever it costs; each 4th sample."""
        if step < LOOKS * EVERY:
            return step >= EVERY and step & (step - 1) == 0
        return step % (LOOKS * interval(step)) == 0 and self.affordable("validation")


def interval(step: int) -> int:
    """Steps between two samples so far into the run: a power of two.

    Example:
        >>> interval(100), interval(5000), interval(100_000)
        (64, 64, 1024)
    """
    return max(EVERY, 1 << max(0, (step // KEPT).bit_length() - 1))
