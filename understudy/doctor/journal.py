"""signals.jsonl: what was known of a run beforehand, and what its probes read, line by line."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from understudy.doctor.facts import Facts
from understudy.doctor.signals import Row

NAME = "signals.jsonl"


class Journal:
    """Appends to signals.jsonl, each line whole at once.

    Args:
        offset: bytes to keep of a file that is there; what came after them is written anew.
    """

    def __init__(self, path: Path, offset: int = 0) -> None:
        self._file = path.open("ab", buffering=0)
        self._file.truncate(offset)
        self.empty = offset == 0

    def write_facts(self, facts: Facts) -> None:
        """The first line."""
        self._write({"facts": facts.to_json()})

    def write_rows(self, rows: Iterable[Row]) -> None:
        """A line for each step."""
        by_step: dict[int, dict[str, dict[str, float | str]]] = {}
        for step, name, place, value in rows:
            by_step.setdefault(step, {}).setdefault(name, {})[place] = _plain(value)
        for step, signals in by_step.items():
            self._write({"step": step, "signals": signals})

    def write_disabled(self, disabled: Mapping[str, str]) -> None:
        """Probes that broke."""
        self._write({"disabled": dict(disabled)})

    def _write(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line).encode() + b"\n")

    @property
    def offset(self) -> int:
        """Bytes written so far, all of them on disk."""
        os.fsync(self._file.fileno())
        return os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """No more lines."""
        self._file.close()


def read(path: Path) -> tuple[list[Row], Facts | None, dict[str, str]]:
    """The rows, facts and broken probes of a file; nothing of one that is not there.

    A last line that is still being written is left out.
    """
    rows: list[Row] = []
    facts: Facts | None = None
    disabled: dict[str, str] = {}
    for line in _lines(path):
        if "facts" in line:
            facts = Facts.from_json(line["facts"])
        disabled |= line.get("disabled", {})
        rows += [
            (line["step"], name, place, float(value))
            for name, places in line.get("signals", {}).items()
            for place, value in places.items()
        ]
    return rows, facts, disabled


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if path.is_file():
        lines = path.read_bytes().splitlines(keepends=True)
        yield from (json.loads(line) for line in lines if line.endswith(b"\n"))


def _plain(value: float) -> float | str:
    """JSON has no word for what is not finite; a reader's `float` understands these."""
    return float(f"{value:.6g}") if math.isfinite(value) else str(value)
