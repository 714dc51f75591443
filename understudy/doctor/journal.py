"""signals.jsonl: what was known of a run beforehand, and what its probes read, line by line."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path

from understudy.doctor.facts import Facts
from understudy.doctor.signals import Row
from understudy.files import Lines, read_lines

NAME = "signals.jsonl"


class Journal(Lines):
    """Writes signals.jsonl."""

    def write_facts(self, facts: Facts) -> None:
        """The first line."""
        self.write({"facts": facts.to_json()})

    def write_rows(self, rows: Iterable[Row]) -> None:
        """A line for each step."""
        by_step: dict[int, dict[str, dict[str, float | str]]] = {}
        for step, name, place, value in rows:
            by_step.setdefault(step, {}).setdefault(name, {})[place] = _plain(value)
        for step, signals in by_step.items():
            self.write({"step": step, "signals": signals})

    def write_disabled(self, disabled: Mapping[str, str]) -> None:
        """Probes that broke."""
        self.write({"disabled": dict(disabled)})


def read(path: Path) -> tuple[list[Row], Facts | None, dict[str, str]]:
    """The rows, facts and broken probes of a file; nothing of one that is not there."""
    rows: list[Row] = []
    facts: Facts | None = None
    disabled: dict[str, str] = {}
    for line in read_lines(path):
        if "facts" in line:
            facts = Facts.from_json(line["facts"])
        disabled |= line.get("disabled", {})
        rows += [
            (line["step"], name, place, float(value))
            for name, places in line.get("signals", {}).items()
            for place, value in places.items()
        ]
    return rows, facts, disabled


def _plain(value: float) -> float | str:
    """JSON has no word for what is not finite; a reader's `float` understands these."""
    return float(f"{value:.6g}") if math.isfinite(value) else str(value)
