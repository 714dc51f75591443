"""The page that compares groups of runs: scores with their spread, curves, figures, and what differs."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from understudy.files import write_text
from understudy.report.budgets import UNEQUAL, budget_text, differ
from understudy.report.charts import ORDER, chart_html
from understudy.report.compared import compared_charts, differing_settings, one_data_set
from understudy.report.document import document, section, toolbar
from understudy.report.figures import caption_html, picture_html
from understudy.report.markup import Html, tag
from understudy.report.numbers import format_duration, format_number
from understudy.report.ranking import ranking_html
from understudy.report.reading import RunFiles, read_run
from understudy.report.values import value_text
from understudy.runs.compare import Group

_FIGURE_ROOM = (480, 480)


def write_comparison(groups: Sequence[Group], out: Path, title: str = "Comparison") -> Path:
    """Write the page to `out` and return it.

    Args:
        groups: in the order of the columns.
        out: the HTML file to write.
        title: heading of the page.

    Raises:
        RunError: a directory is no run, or one of its files cannot be read.
    """
    write_text(out, comparison_html(groups, title))
    return out


def comparison_html(groups: Sequence[Group], title: str = "Comparison") -> str:
    """The whole page."""
    labels = [group.label for group in groups]
    runs = [[read_run(directory) for directory in group.directories] for group in groups]
    alike = one_data_set([run for row in runs for run in row])
    charts = [chart_html(chart) for chart in compared_charts(labels, [[run.history for run in row] for row in runs])]
    return document(
        f"{title} - Understudy",
        tag("header", tag("h1", title), *_warnings(groups, alike), _overview(groups, runs)),
        section("Scores", ranking_html(labels, [group.scores for group in groups], marked=alike)),
        section("Curves", toolbar(), tag("div", *charts, class_="charts")) if charts else None,
        _figures(labels, [row[0] for row in runs if row]),
        _differences(labels, [row[0] for row in runs if row]),
    )


def _warnings(groups: Sequence[Group], alike: bool) -> Iterator[Html]:
    if not alike:
        told = "These runs did not learn from the same data: their scores are not comparable."
        yield tag("p", told, class_="reason")
    if differ([group.budget for group in groups]):
        yield tag("p", UNEQUAL, class_="reason")


def _overview(groups: Sequence[Group], runs: list[list[RunFiles]]) -> Html:
    names = ("Group", "Network", "Data", "Runs", "Parameters", "Budget", "Steps", "Training time")
    head = tag("tr", *(tag("th", name, scope="col") for name in names))
    rows = (_row(index, *pair) for index, pair in enumerate(zip(groups, runs, strict=True)) if pair[1])
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="scores overview")
    return tag("div", table, class_="frame")


def _row(index: int, group: Group, runs: list[RunFiles]) -> Html:
    first = runs[0].run
    cells = (
        str(first.get("network", "")),
        str((first.get("data") or {}).get("name", "")),
        str(len(runs)),
        _number(first.get("parameters")),
        budget_text(group.budget) or "–",
        _number(first.get("step")),
        format_duration(sum(run.seconds for run in runs) / len(runs)),
    )
    name = tag("th", tag("span", group.label, class_=f"key fill-{ORDER[index % len(ORDER)]}"), scope="row")
    return tag("tr", name, *(tag("td", cell) for cell in cells))


def _number(value: object) -> str:
    return format_number(value) if isinstance(value, int | float) else "–"


def _figures(labels: list[str], runs: list[RunFiles]) -> Html | None:
    """Figures of the same name in one row, one column per group."""
    files = dict.fromkeys(str(figure.get("file", "")) for run in runs for figure in run.figures)
    rows = [_figure_row(file, labels, runs) for file in files]
    return section("Figures", *rows) if rows else None


def _figure_row(file: str, labels: list[str], runs: list[RunFiles]) -> Html:
    found = [next((figure for figure in run.figures if figure.get("file") == file), None) for run in runs]
    columns = (_column(*place) for place in zip(labels, runs, found, strict=True))
    caption = next(caption_html(figure) for figure in found if figure)
    return tag("figure", caption, tag("div", *columns, class_="columns"), class_="picture")


def _column(label: str, run: RunFiles, figure: dict[str, Any] | None) -> Html:
    absent = tag("p", "This run has no such figure.", class_="quiet")
    return tag("div", tag("h3", label), picture_html(run.directory, figure, _FIGURE_ROOM) if figure else absent)


def _differences(labels: list[str], runs: list[RunFiles]) -> Html | None:
    """The settings in which the groups' first runs differ."""
    rows = differing_settings([run.run.get("config") or {} for run in runs])
    if not rows:
        return None
    head = tag("tr", tag("th", "Setting", scope="col"), *(tag("th", label, scope="col") for label in labels))
    body = (
        tag("tr", tag("th", tag("code", name), scope="row"), *(tag("td", value_text(value)) for value in values))
        for name, values in rows.items()
    )
    table = tag("table", tag("thead", head), tag("tbody", *body), class_="scores")
    return section("What differs", tag("div", table, class_="frame"))
