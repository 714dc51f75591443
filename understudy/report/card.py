"""A run at a glance, for notebooks: a fragment without script, styled in place."""

import math
from pathlib import Path

from understudy.report.axes import Axis, bounds
from understudy.report.figures import data_url, enlargement, figure_path, png_size
from understudy.report.history import Point, thin
from understudy.report.markup import Html, tag
from understudy.report.metrics import metric
from understudy.report.reading import RunFiles, read_run
from understudy.report.scoreboard import score_rows

MAX_SCORES = 6
MAX_PICTURE = 60_000  # bytes; base64 makes 80 kB of them, and the card stays under 100 kB
_ROOM = (300, 160)
_SPARK = (220, 56)
_COLOURS = {"finished": "#2e9e5b", "running": "#3f90da", "interrupted": "#c98500"}
_QUIET = "opacity:.65"


def card_html(run_directory: Path) -> str:
    """The run as a small HTML fragment: title, status, main scores, loss curve, one picture.

    Raises:
        RunError: there is no run, or one of its files cannot be read.
    """
    run = read_run(run_directory)
    return tag(
        "div",
        tag("div", _title(run), _scores(run), _curve(run), style="flex:1 1 240px;min-width:0"),
        _picture(run),
        style="display:flex;flex-wrap:wrap;gap:16px 28px;max-width:720px;padding:14px 18px;border-radius:10px;"
        "border:1px solid rgba(127,127,127,.35);font:13px/1.5 system-ui,sans-serif",
    )


def _title(run: RunFiles) -> Html:
    colour = _COLOURS.get(run.status, "#d1443c")
    badge = tag("span", run.status, style=f"color:{colour};font-weight:600;font-size:12px;margin-left:8px")
    summary = tag("div", str(run.run.get("summary", "")), style=_QUIET)
    return tag("div", tag("strong", run.name, style="font-size:15px"), badge, summary)


def _scores(run: RunFiles) -> Html:
    rows = score_rows(run.scores or {})
    shown = {name: row[""] for name, row in rows.items() if "" in row}
    if not shown:
        return tag("div", "Not scored yet.", style=f"{_QUIET};margin-top:8px")
    lines = (_score(name, value) for name, value in list(shown.items())[:MAX_SCORES])
    return tag("table", *lines, style="border-collapse:collapse;margin:8px 0;font:inherit")


def _score(name: str, value: float) -> Html:
    cell = "padding:2px 0;border:0;background:none"
    label = tag("td", metric(name).label, style=f"{cell};padding-right:18px;text-align:left;{_QUIET}")
    number = tag("td", metric(name).format(value), style=f"{cell};text-align:right;font-variant-numeric:tabular-nums")
    return tag("tr", label, number, style="background:none")


def _curve(run: RunFiles) -> Html | None:
    terms, (width, height) = run.history.main_terms, _SPARK
    points = thin(run.history.training.get(terms[0], []), 100) if terms else []
    points = [point for point in points if math.isfinite(point.value)]
    if not points:
        return None
    line = tag("path", d=_path(points), fill="none", stroke="#3f90da", stroke_width=1.5, stroke_linecap="round")
    return tag(
        "svg",
        line,
        style="display:block",
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        aria_label="Loss",
    )


def _path(points: list[Point]) -> str:
    width, height = _SPARK
    x = Axis(*bounds((point.step for point in points), 0), 3, width - 3)
    y = Axis(*bounds((point.value for point in points), 0), height - 3, 3)
    places = "L".join(f"{x(point.step):.1f} {y(point.value):.1f}" for point in points)
    return f"M{places}" if len(points) > 1 else f"M{places}h0"


def _picture(run: RunFiles) -> Html | None:
    paths = (figure_path(run.directory, figure) for figure in run.figures if figure.get("kind", "image") == "image")
    path = next((path for path in paths if path.is_file() and path.stat().st_size <= MAX_PICTURE), None)
    size = png_size(path) if path else None
    if path is None or size is None:
        return None
    factor = enlargement(size, _ROOM)
    sharp = "image-rendering:pixelated;" if factor > 1 else ""
    style = f"{sharp}max-width:100%;height:auto;align-self:center"
    return tag("img", src=data_url(path), alt="", width=size[0] * factor, style=style)
