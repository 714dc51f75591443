"""How a sitting of training ended, for people: the scores beside their baselines, and what to do next."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.table import Table

from understudy.cli.console import console
from understudy.report.metrics import BASELINES, best, metric
from understudy.report.notes import notes
from understudy.report.scoreboard import score_rows

if TYPE_CHECKING:
    from understudy.run import Run


def conclude(run: "Run") -> int:
    """Print how the run ended; returns the exit code."""
    if run.status == "finished":
        print_scores(run.scores)
        print_findings(run)
        print(f"run     {run.path}")
        print(f"report  {run.path / 'report.html'}")
        return 0
    reason = f": {run.record['reason']}" if run.record["reason"] else ""
    if run.status == "interrupted":
        print(f"interrupted at step {run.record['step']}{reason}; go on with `understudy resume {run.path}`")
        return 0
    print(f"error: {run.record['reason']}", file=sys.stderr)
    print_findings(run)
    print(f"report  {run.path / 'report.html'}")
    return 1


def print_findings(run: "Run") -> None:
    """A line for each finding, those set aside too, and how to read more; one line where there is none."""
    found = run.findings
    for finding in found:
        step = f" (step {finding['step']})" if finding["step"] else ""
        print(f"{finding['severity']:7} {finding['title']}{step}: {finding['evidence']}")
    for finding in run.directory.ignored:
        print(f"aside   {finding['title']}: {finding['ignored']}")
    more = f"understudy doctor {run.path}"
    print(f"doctor  {f'why, and what to try: {more}' if found else f'nothing found; what was checked: {more}'}")


def print_scores(scores: Mapping[str, float], split: str = "test") -> None:
    """A table of metrics, the network's value and its baselines' beside it, the best one marked."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("held-out score" if split == "test" else f"{split} score", no_wrap=True)
    table.add_column("network", justify="right", no_wrap=True)
    table.add_column("beside it", no_wrap=True)
    table.add_column("")
    for name, row in score_rows(scores).items():
        winners = best(name, row)
        beside = [f"{BASELINES[key]} {_cell(name, row, key, winners)}" for key in row if key]
        table.add_row(name, _cell(name, row, "", winners), ", ".join(beside), metric(name).note)
    console().print(table)
    for note in notes(scores):
        print(f"note    {note}")


def _cell(name: str, row: Mapping[str, float], key: str, winners: set[str]) -> str:
    if key not in row:
        return ""
    return f"{metric(name).format(row[key])}{' *' if key in winners else ''}"
