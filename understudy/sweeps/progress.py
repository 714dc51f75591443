"""A sweep's progress for people: a line as each cell begins or ends, and the time that is left."""

import sys
import time

from understudy.runs.sweep import Cell, Outcome
from understudy.training.display import clock


class Progress:
    """Counts cells. The time that is left follows from this sitting's cells alone.

    Args:
        total: cells of the sweep.
        criterion: what a cell's value is called.
    """

    def __init__(self, total: int, criterion: str, quiet: bool) -> None:
        self.total, self.criterion, self.quiet = total, criterion, quiet
        self._before = self._ended = 0
        self._began = time.monotonic()

    def skip(self, count: int) -> None:
        """Cells that were settled before this sitting."""
        self._before += count

    def begin(self, cell: Cell) -> None:
        """A cell's turn has come."""
        if self._before and not self._ended:
            self._say(f"{self._before} of {self.total} cells were done before")
        self._say(f"[{self._before + self._ended + 1}/{self.total}] {cell}")

    def end(self, cell: Cell, outcome: Outcome) -> None:
        """A cell is settled."""
        self._ended += 1
        value = "" if outcome.criterion is None else f", {self.criterion} {outcome.criterion:.4g}"
        self._say(f"[{self._before + self._ended}/{self.total}] {cell}: {outcome.status}{value}{self._left()}")

    def _left(self) -> str:
        gone = time.monotonic() - self._began
        rest = self.total - self._before - self._ended
        return f"; {clock(gone)} gone" + (f", about {clock(gone / self._ended * rest)} left" if rest else "")

    def _say(self, line: str) -> None:
        if not self.quiet:
            print(line, file=sys.stderr, flush=True)
