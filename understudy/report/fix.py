"""The page of a fix: what was found, what was tried, and the curves of each trial."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from understudy.files import read_json, write_text
from understudy.report.charts import chart_html
from understudy.report.compared import compared_charts
from understudy.report.document import document, section, toolbar
from understudy.report.figures import picture_html
from understudy.report.findings import findings_html
from understudy.report.fix_table import Line, footnotes, lines_of, unhelped
from understudy.report.markup import Html, join, tag
from understudy.report.metrics import metric
from understudy.report.overview import status_badge
from understudy.report.reading import RunFiles, read_run

_ROOM = (400, 400)
_PREFERRED = ("samples.png", "reconstructions.png")


def write_fix(directory: Path) -> Path:
    """Write `fix.html` from a fix's fix.json and runs, and return its path."""
    path = directory / "fix.html"
    write_text(path, fix_html(directory, read_json(directory / "fix.json")))
    return path


def fix_html(directory: Path, record: Mapping[str, Any]) -> str:
    """The whole page."""
    helpless = [tag("p", line) for line in unhelped(record)]
    return document(
        f"{directory.resolve().name} - Understudy",
        tag(
            "header",
            tag("h1", directory.resolve().name, " ", status_badge(record["status"])),
            tag("p", f"What is wrong with {record['run']}, and what of its remedies wins.", class_="summary"),
        ),
        section("Tried", _table(record)) if record["trials"] else None,
        section("What no run can show", *helpless) if helpless else None,
        section("Findings", findings_html(record["findings"], Path(record["run"]))),
        _pictures(directory, record),
        _curves(directory, record),
    )


def _table(record: Mapping[str, Any]) -> Html:
    head = (*Line.HEAD, f"{metric(record['criterion']['name']).label}, validation", "verdict")
    rows = [tag("tr", *_cells(line)) for line in lines_of(record)]
    columns = tag("tr", *(tag("th", name[:1].upper() + name[1:], scope="col") for name in head))
    table = tag("table", tag("thead", columns), tag("tbody", *rows), class_="scores fix")
    notes = (tag("p", note, class_="quiet") for note in footnotes(record))
    return join([tag("div", table, class_="frame"), *notes])


def _cells(line: Line) -> list[Html]:
    first, *rest = line.cells
    return [tag("th", first, scope="row"), *(tag("td", cell) for cell in rest)]


def _pictures(directory: Path, record: Mapping[str, Any]) -> Html | None:
    """The first seed as it was, and cured."""
    ways = [("no change", _begun(directory, record["trials"][0])[:1])] if record["trials"] else []
    if record["cured"] is not None:
        ways.append((record["cured"]["title"], [read_run(directory / record["cured"]["folder"])]))
    cards = [tag("div", tag("h3", title), _picture(run), class_="cell") for title, runs in ways for run in runs]
    return section("Before and after", tag("div", *cards, class_="cells")) if len(cards) == 2 else None


def _picture(run: RunFiles) -> Html | None:
    files = {str(figure.get("file")): figure for figure in run.figures}
    name = next((name for name in (*_PREFERRED, *files) if name in files), None)
    return picture_html(run.directory, files[name], _ROOM) if name else tag("p", f"{run.status}: no pictures")


def _curves(directory: Path, record: Mapping[str, Any]) -> Html | None:
    shown = [(trial["title"], runs) for trial in record["trials"] if (runs := _begun(directory, trial))]
    charts = compared_charts([title for title, _ in shown], [[run.history for run in runs] for _, runs in shown])
    drawn = [chart_html(chart) for chart in charts]
    return section("Curves", toolbar(), tag("div", *drawn, class_="charts")) if drawn else None


def _begun(directory: Path, trial: Mapping[str, Any]) -> list[RunFiles]:
    paths = [directory / "trials" / run["folder"] for run in trial["runs"]]
    return [run for path in paths if (path / "run.json").is_file() and (run := read_run(path)).history.terms]
