"""The page of a sweep: its table, what each option does, a picture and a report for each cell, and the best curves."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from understudy.files import read_json, write_text
from understudy.report.budgets import budget_text
from understudy.report.charts import chart_html
from understudy.report.compared import compared_charts
from understudy.report.document import document, section, toolbar
from understudy.report.figures import picture_html
from understudy.report.lines import WIDTH, lines_html
from understudy.report.markup import Html, join, tag
from understudy.report.metrics import metric
from understudy.report.overview import status_badge
from understudy.report.reading import RunFiles, read_run
from understudy.report.settings import command_html
from understudy.report.sweep_table import Line, footnotes, held_out, lines_of
from understudy.runs.compare import Spread

MOST_CURVES = 8
MOST_SERIES = 10
PREFERRED = ("samples.png", "reconstructions.png")
_ROOM = (400, 400)
_LOG_FROM = 20.0  # times the smallest value, from which an axis is logarithmic


def write_sweep(directory: Path) -> Path:
    """Write `sweep.html` into a sweep's directory, from its sweep.json and runs, and return its path."""
    path = directory / "sweep.html"
    write_text(path, sweep_html(directory, read_json(directory / "sweep.json")))
    return path


def sweep_html(directory: Path, record: Mapping[str, Any]) -> str:
    """The whole page."""
    lines = lines_of(record)
    effects = list(_effects(record, lines))
    return document(
        f"{directory.resolve().name} - Understudy",
        _head(directory, record, lines),
        section("Ranking" if record["criterion"] else "Cells", _table(record, lines)),
        section("What each option does", *effects) if effects else None,
        section("Pictures", tag("div", *(_card(directory, line) for line in lines), class_="cells")),
        _curves(directory, lines),
    )


def _head(directory: Path, record: Mapping[str, Any], lines: list[Line]) -> Html:
    asked, config = record["plan"]["asked"], record["plan"]["sweep"]
    criterion = record["criterion"]
    facts = [
        ("Network", str(asked.get("network") or "varied")),
        ("Data", str(record["data"]["name"])),
        ("Cells", f"{len(lines)} × {config['seeds']} seed{'s' if config['seeds'] > 1 else ''}"),
        ("Budget of a run", budget_text(record["budget"]) or "unequal"),
        ("Ranked by", f"{metric(criterion['name']).label}, validation split" if criterion else "not ranked"),
    ]
    return tag(
        "header",
        tag("h1", directory.resolve().name, " ", status_badge(record["status"])),
        tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in facts), class_="facts"),
        command_html(record["command"]) if record["command"] else None,
    )


def _table(record: Mapping[str, Any], lines: list[Line]) -> Html:
    criterion = record["criterion"]
    chosen = criterion["name"] if criterion else ""
    keys, names = _keys(lines), held_out(lines, chosen)
    head = [tag("th", key, scope="col") for key in keys or ["Cell"]]
    if criterion:
        head.append(tag("th", metric(chosen).label, tag("small", "validation"), scope="col"))
    head += [tag("th", name, scope="col") for name in ("Seeds", "Steps", "Time")]
    head += [_score_head(name) for name in names]
    body = (_row(line, keys, chosen, names) for line in lines)
    table = tag("table", tag("thead", tag("tr", *head)), tag("tbody", *body), class_="scores sweep")
    notes = (tag("p", note, class_="quiet") for note in footnotes(record))
    return join([tag("div", table, class_="frame"), *notes])


def _score_head(name: str) -> Html:
    line = metric(name)
    arrow = {"low": "↓", "high": "↑", "": ""}[line.better]
    return tag("th", f"{line.label} {arrow}", tag("small", "test"), scope="col", title=f"{name}: {line.note}")


def _keys(lines: list[Line]) -> list[str]:
    return list(dict.fromkeys(key for line in lines for key in line.options))


def _row(line: Line, keys: list[str], chosen: str, names: list[str]) -> Html:
    first, *rest = [line.options.get(key, "") for key in keys] or [line.label]
    cells = [tag("th", first, scope="row"), *(tag("td", value) for value in rest)]
    if chosen:
        cells.append(_value(chosen, line.criterion, line.rank))
    state = tag("span", line.state, class_=None if line.finished else "bad")
    cells += [tag("td", state), tag("td", line.steps), tag("td", line.time)]
    return tag("tr", *cells, *(_value(name, line.scores.get(name)) for name in names))


def _value(name: str, found: Spread | None, rank: str = "") -> Html:
    if found is None:
        return tag("td", "–", class_="none")
    spread = None if math.isnan(found.deviation) else tag("small", f"± {found.deviation:.2g}")
    return tag("td", metric(name).format(found.mean), spread, class_=rank or None)


def _effects(record: Mapping[str, Any], lines: list[Line]) -> Iterable[Html]:
    """For each option with several numbers: what is ranked by over it, a line for each combination of the others."""
    criterion = record["criterion"]
    if criterion is None:
        return
    for key, values in record["plan"]["sweep"]["vary"].items():
        numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
        series = _series(key, record["rows"], lines)
        if len(numbers) == len(values) > 1 and len(series) <= MOST_SERIES:
            heights = [value for line in series for value in line["y"] if value is not None]
            data = {
                "x_label": key,
                "y_label": f"{metric(criterion['name']).label}, validation",
                "x_ticks": [[value, f"{value:g}"] for value in sorted(numbers)],
                "log_x": _spans_decades(numbers),
                "log_y": _spans_decades(heights),
                "series": series,
            }
            body = tag("div", lines_html(data, key), class_="fitted", style=f"--width:{WIDTH}px")
            yield tag("figure", tag("figcaption", tag("strong", key)), body, class_="picture")


def _series(key: str, rows: list[dict[str, Any]], lines: list[Line]) -> list[dict[str, Any]]:
    found: dict[str, list[tuple[float, Spread | None]]] = {}
    for row, line in zip(rows, lines, strict=True):
        others = ", ".join(f"{name}={value}" for name, value in line.options.items() if name != key)
        found.setdefault(others, []).append((row["options"][key], line.criterion))
    return [_curve(others, sorted(points, key=lambda point: point[0])) for others, points in sorted(found.items())]


def _curve(name: str, points: list[tuple[float, Spread | None]]) -> dict[str, Any]:
    heights = [spread.mean if spread else None for _, spread in points]
    spreads = [0.0 if spread is None or math.isnan(spread.deviation) else spread.deviation for _, spread in points]
    around = [(None, None) if it is None else (it - by, it + by) for it, by in zip(heights, spreads, strict=True)]
    band = {"low": [low for low, _ in around], "high": [high for _, high in around]} if any(spreads) else {}
    return {"name": name or "all seeds", "x": [x for x, _ in points], "y": heights, **band}


def _spans_decades(values: list[float]) -> bool:
    return bool(values) and min(values) > 0 and max(values) / min(values) >= _LOG_FROM


def _card(directory: Path, line: Line) -> Html:
    """A cell's first seed in pictures, and the way to every seed's report."""
    reports = join(
        tag("a", f"seed {run['seed']}", href=quote(f"{run['folder']}/report.html"), class_=run["status"])
        for run in line.runs
        if (directory / run["folder"] / "report.html").is_file()
    )
    reasons = dict.fromkeys(str(run["reason"]) for run in line.runs if run["status"] != "finished" and run["reason"])
    return tag(
        "div",
        tag("h3", line.label),
        tag("p", line.state, class_="quiet"),
        _picture(directory, line),
        *(tag("p", reason, class_="reason diverged") for reason in reasons),
        tag("p", reports, class_="reports"),
        class_="cell",
    )


def _picture(directory: Path, line: Line) -> Html | None:
    """The samples of the first seed that finished, or else what it shows first."""
    done = next((run for run in line.runs if run["status"] == "finished"), None)
    if done is None:
        return None
    run = read_run(directory / done["folder"])
    files = {str(figure.get("file")): figure for figure in run.figures}
    name = next((name for name in (*PREFERRED, *files) if name in files), None)
    return picture_html(run.directory, files[name], _ROOM) if name else None


def _curves(directory: Path, lines: list[Line]) -> Html | None:
    """Curves of the first rows that have any; more of them cannot be told apart."""
    shown = [(line.label, runs) for line in lines if (runs := _begun(directory, line))]
    labels = [label for label, _ in shown[:MOST_CURVES]]
    histories = [[run.history for run in runs] for _, runs in shown[:MOST_CURVES]]
    charts = [chart_html(chart) for chart in compared_charts(labels, histories)]
    if not charts:
        return None
    left = f"The first {MOST_CURVES} of {len(shown)} rows." if len(shown) > MOST_CURVES else None
    note = tag("p", left, class_="quiet") if left else None
    return section("Curves", note, toolbar(), tag("div", *charts, class_="charts"))


def _begun(directory: Path, line: Line) -> list[RunFiles]:
    paths = [directory / run["folder"] for run in line.runs]
    return [run for path in paths if (path / "run.json").is_file() and (run := read_run(path)).history.terms]
