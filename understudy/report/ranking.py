"""The table of several groups' scores, with their spread."""

import math
from collections.abc import Mapping, Sequence

from understudy.report.markup import Html, join, tag
from understudy.report.metrics import BASELINES, best, metric, split_name
from understudy.report.numbers import format_number
from understudy.report.scoreboard import label_cell, metric_order
from understudy.runs.compare import Spread


def ranking_html(labels: Sequence[str], scores: Sequence[Mapping[str, Spread]], *, marked: bool = True) -> Html:
    """One row per score, one column per group, the best mean marked; a baseline's score has its own row, unmarked.

    Args:
        marked: whether the groups can be compared.
    """
    names = sorted({name for group in scores for name in group}, key=metric_order)
    if not names:
        return tag("p", "None of these runs has been scored.", class_="quiet")
    head = tag("tr", tag("th", "Score", scope="col"), *(tag("th", label, scope="col") for label in labels))
    rows = (_row(name, [group.get(name) for group in scores], marked) for name in names)
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="scores")
    return join([tag("div", table, class_="frame"), tag("p", _KEY if marked else _MEANS, class_="quiet")])


_MEANS = "Mean ± spread over the seeds."
_KEY = f"{_MEANS} Filled: the best mean. Outlined: its range overlaps that of the best."


def ranks(name: str, cells: Sequence[Spread | None]) -> list[str]:
    """'best', 'tie' or '' per group: a tie is a mean whose range, mean ± spread, overlaps the best one's."""
    means = {str(index): cell[0] for index, cell in enumerate(cells) if cell}
    winners = best(name, means)
    return [
        _rank(str(index) in winners, cell, [cells[int(winner)] for winner in winners])
        for index, cell in enumerate(cells)
    ]


def _rank(wins: bool, cell: Spread | None, winners: list[Spread | None]) -> str:
    if wins:
        return "best"
    overlaps = cell and any(winner and _overlap(cell, winner) for winner in winners)
    return "tie" if overlaps else ""


def _overlap(one: Spread, other: Spread) -> bool:
    return abs(one[0] - other[0]) <= one[1] + other[1]  # False where a spread is NaN: nothing is known about it


def _row(name: str, cells: list[Spread | None], marked: bool) -> Html:
    base, baseline = split_name(name)
    if baseline:
        label = label_cell(base, f"{BASELINES[baseline]}: ")
        return tag("tr", label, *(_cell(base, cell, "") for cell in cells), class_="baseline")
    marks = ranks(name, cells) if marked else [""] * len(cells)
    return tag("tr", label_cell(name), *(_cell(name, *pair) for pair in zip(cells, marks, strict=True)))


def _cell(name: str, cell: Spread | None, rank: str) -> Html:
    if cell is None:
        return tag("td", "–", class_="none")
    mean, spread, count = cell
    return tag("td", metric(name).format(mean), tag("small", _detail(name, spread, count)), class_=rank or None)


def _detail(name: str, spread: float, count: int) -> str:
    if count == 1 or not math.isfinite(spread):
        return "1 run" if count == 1 else f"{count} runs"
    show = metric(name).format
    return f"± {spread:.2g} ({count})" if show is format_number else f"± {show(spread)} ({count})"
