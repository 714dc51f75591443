"""What the senses wrote down: readings by step, and the line of code of each place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from understudy.doctor.signals import Row, Signals
from understudy.doctor.watch.lines import Line


class Notes:
    """Readings of a loop.

    Attributes:
        round: which round of the loop it is, from 1; a round is a step of each optimizer.
    """

    def __init__(self) -> None:
        self.round = 1
        self._lines: dict[tuple[str, str], Line] = {}
        self._rows: list[Row] = []

    def take(self, name: str, value: Any, place: str = "", line: Line | None = None) -> None:
        """Write down a reading of this round; of two for the same place the later one counts."""
        self._rows.append((self.round, name, place, float(value)))
        if line is not None:
            self._lines.setdefault((name, place), line)

    def take_rows(self, rows: Iterable[Row]) -> None:
        """Write down what probes read."""
        self._rows += rows

    def line(self, name: str, place: str) -> Line | None:
        """Where in the user's code a reading is about; that of another reading of the same place, where it has none."""
        others = (line for (_, where), line in self._lines.items() if place and where == place)
        return self._lines.get((name, place)) or next(others, None)

    def signals(self) -> Signals:
        """All readings so far."""
        return Signals.gather(self._rows)
