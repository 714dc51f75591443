"""How a sitting of training ended, for people: the scores beside their baselines, and what to do next."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.table import Table

from understudy.cli.console import console
from understudy.report.metrics import BASELINES, best, metric
from understudy.report.scoreboard import score_rows

if TYPE_CHECKING:
    from understudy.run import Run


def conclude(run: "Run") -> int:
    """Print how the run ended; returns the exit code."""
    if run.status == "finished":
        print_scores(run.scores)
        print(f"run     {run.path}")
        print(f"report  {run.path / 'report.html'}")
        return 0
    reason = f": {run.record['reason']}" if run.record["reason"] else ""
    if run.status == "interrupted":
        print(f"interrupted at step {run.record['step']}{reason}; go on with `understudy resume {run.path}`")
        return 0
    print(f"error: {run.record['reason']}", file=sys.stderr)
    print(f"report  {run.path / 'report.html'}")
    return 1


def print_scores(scores: Mapping[str, float]) -> None:
    """A table of metrics, the network's value beside its baselines', the better one marked."""
    rows = score_rows(scores)
    baselines = sorted({name for row in rows.values() for name in row if name}, key=list(BASELINES).index)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("held-out score", no_wrap=True)
    for title in ["network", *(BASELINES[name] for name in baselines)]:
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("")
    for name, row in rows.items():
        winners = best(name, row)
        cells = [_cell(name, row.get(column), column in winners) for column in ["", *baselines]]
        table.add_row(name, *cells, metric(name).note)
    console().print(table)


def _cell(name: str, value: float | None, wins: bool) -> str:
    if value is None:
        return ""
    return f"{metric(name).format(value)}{' *' if wins else '  '}"
