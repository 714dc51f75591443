"""Runs side by side: a table for the terminal, a page for the browser."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from understudy.report.budgets import UNEQUAL, budget_text, differ
from understudy.report.comparison import comparison_html, write_comparison
from understudy.report.metrics import metric
from understudy.report.scoreboard import metric_order
from understudy.runs.compare import Group, Spread
from understudy.runs.compare import compare as group_runs
from understudy.runs.directory import RunDirectory

if TYPE_CHECKING:
    from understudy.run import Run


@dataclass(frozen=True)
class Comparison:
    """Groups of runs that differ in their seed only; `print` shows the scores."""

    groups: list[Group]

    def __str__(self) -> str:
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("held-out score", no_wrap=True)
        for group in self.groups:
            table.add_column(group.label, justify="right")
        for name in sorted({name for group in self.groups for name in group.scores}, key=metric_order):
            table.add_row(name, *(_cell(name, group.scores.get(name)) for group in self.groups))
        table.add_row("budget", *(budget_text(group.budget) for group in self.groups))
        table.add_row("seeds", *(_seeds(group) for group in self.groups))
        text = io.StringIO()
        Console(file=text, highlight=False, width=40 + 30 * len(self.groups)).print(table)
        lines = [line.rstrip() for line in text.getvalue().splitlines()]
        if len({group.fingerprint for group in self.groups}) > 1:
            lines.append("Not all of them were trained and scored on the same data.")
        if differ([group.budget for group in self.groups]):
            lines.append(UNEQUAL)
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return comparison_html(self.groups)

    def save(self, path: str | Path) -> Path:
        """Write the page with curves and pictures."""
        return write_comparison(self.groups, Path(path))


def compare(runs: Sequence["Run | str | Path"]) -> Comparison:
    """Put runs side by side; those that differ in their seed only become one column with mean and spread.

    Raises:
        RunError: no runs were given, or one is no run.
    """
    paths = [Path(run) if isinstance(run, str | Path) else run.path for run in runs]
    return Comparison(group_runs([RunDirectory(path) for path in paths]))


def _seeds(group: Group) -> str:
    runs = len(group.directories)
    return str(runs) if group.scored == runs else f"{group.scored} scored of {runs}"


def _cell(name: str, spread: Spread | None) -> str:
    if spread is None:
        return ""
    shown = metric(name).format(spread.mean)
    return shown if math.isnan(spread.deviation) else f"{shown} ± {spread.deviation:.2g}"
