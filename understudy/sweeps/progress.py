"""A sweep's progress for people: a line as each cell begins or ends, and the time that is left."""

import sys
import time

from understudy.runs.sweep import Cell, Outcome
from understudy.training.display import clock


class Progress:
    """Counts cells. The time that is left follows from this sitting's cells alone.

    Args:
        total: cells of the sweep.
        done: of these, cells that were settled before this sitting.
        criterion: what a cell's value is called.
    """

    def __init__(self, total: int, done: int, criterion: str, quiet: bool) -> None:
        self.total, self.before, self.criterion, self.quiet = total, done, criterion, quiet
        self._ended = 0
        self._began = time.monotonic()
        if done:
            self._say(f"{done} of {total} cells were done before")

    def begin(self, cell: Cell) -> None:
        """A cell's turn has come."""
        self._say(f"[{self.before + self._ended + 1}/{self.total}] {cell}")

    def end(self, cell: Cell, outcome: Outcome) -> None:
        """A cell is settled."""
        self._ended += 1
        value = "" if outcome.criterion is None else f", {self.criterion} {outcome.criterion:.4g}"
        self._say(f"[{self.before + self._ended}/{self.total}] {cell}: {outcome.status}{value}{self._left()}")

    def _left(self) -> str:
        gone = time.monotonic() - self._began
        rest = self.total - self.before - self._ended
        return f"; {clock(gone)} gone" + (f", about {clock(gone / self._ended * rest)} left" if rest else "")

    def _say(self, line: str) -> None:
        if not self.quiet:
            print(line, file=sys.stderr, flush=True)
