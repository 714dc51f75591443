"""What came out of a sweep: rows, the best one, and a table for the terminal."""

import io
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from understudy.report.sweep import sweep_html
from understudy.report.sweep_table import Line, footnotes, held_out, lines_of, value_with_spread
from understudy.runs.sweep import Criterion, Row, SweepDirectory, rows_of

SHOWN = 4
"""Held-out scores in the terminal; sweep.html and sweep.json have all."""


class Sweep:
    """A sweep as its directory has it.

    Args:
        path: the sweep's directory.

    Raises:
        RunError: `path` is no sweep.

    Example:
        >>> print(Sweep("runs/sweep-vae-digits-1f0c2a"))  # doctest: +SKIP
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.record: dict[str, Any] = SweepDirectory(self.path).read()

    @property
    def status(self) -> str:
        """running, finished or interrupted."""
        return str(self.record["status"])

    @property
    def criterion(self) -> Criterion | None:
        """What the rows are ranked by, on the validation split."""
        return Criterion(**self.record["criterion"]) if self.record["criterion"] else None

    @property
    def rows(self) -> list[Row]:
        """A row for each combination, the best first where they are ranked."""
        rows = self.record["rows"]
        seeds = [run["seed"] for run in rows[0]["runs"]] if rows else []
        return rows_of(self.path, [row["options"] for row in rows], seeds, self.criterion)

    @property
    def best(self) -> Row | None:
        """The row that is best on the validation split; None where nothing is ranked, or no row has all its runs."""
        first = next(iter(self.rows), None)
        return first if first and first.whole and first.criterion else None

    def __str__(self) -> str:
        lines = lines_of(self.record)
        chosen = self.criterion.name if self.criterion else ""
        names = held_out(lines, chosen)
        table = Table(box=None, pad_edge=False, header_style="bold")
        keys = list(dict.fromkeys(key for line in lines for key in line.options))
        for key in keys or ["cell"]:
            table.add_column(key, no_wrap=True)
        ranked = [f"{chosen} (validation)"] if chosen else []
        for head in [*ranked, "seeds", "steps", "time", *(f"{name} (test)" for name in names[:SHOWN])]:
            table.add_column(head, justify="right", no_wrap=True)
        for line in lines:
            table.add_row(*_cells(line, keys, chosen, names[:SHOWN]))
        text = io.StringIO()
        Console(file=text, highlight=False, width=240).print(table)
        left = [f"{len(names) - SHOWN} more held-out scores in sweep.html."] if len(names) > SHOWN else []
        return "\n".join([*(row.rstrip() for row in text.getvalue().splitlines()), "", *footnotes(self.record), *left])

    def __repr__(self) -> str:
        return f"<Sweep {self.path}: {self.status}, {len(self.record['rows'])} rows>"

    def _repr_html_(self) -> str:
        return sweep_html(self.path, self.record)


def _cells(line: Line, keys: list[str], chosen: str, names: list[str]) -> list[str]:
    mark = {"best": " *", "tie": " ="}.get(line.rank, "")
    options = [line.options.get(key, "") for key in keys] or ["as asked"]
    ranked = [value_with_spread(chosen, line.criterion) + mark] if chosen else []
    scores = [value_with_spread(name, line.scores.get(name)) for name in names]
    return [*options, *ranked, line.state, line.steps, line.time, *scores]
