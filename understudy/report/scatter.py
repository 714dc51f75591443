"""A scatter plot as SVG.

The data: `{"x_label", "y_label", "classes": [names], "points": [[x, y, class], ...], "series": [names]}`. Class -1 is
none. With `series` a point may carry a fourth number, its series; colour then tells the class and shape the series.

Reference: M. Petroff, 2021, Accessible Color Sequences for Data Visualization, arXiv:2107.02270 (the ten colours).
"""

import math
from collections.abc import Iterable
from typing import Any

from understudy.report.axes import Axis, bounds, tick_label
from understudy.report.markup import Html, join, tag

MAX_POINTS = 3000
COLOURS = 10
LAYER = 250  # points drawn per layer: classes alternate, so that the last one does not cover the others
WIDTH, LEFT, BOTTOM, RIGHT, TOP = 520, 52, 44, 8, 8
HEIGHTS = (240, 520)
UNLIKE = 4  # ranges that differ by more are taken for unlike quantities and get scales of their own

SHAPES = {
    "disc": "M{x} {y}h0",
    "cross": "M{x} {y}m-2.5-2.5l5 5m0-5l-5 5",
    "triangle": "M{x} {y}m0-3l3 5.2h-6z",
    "square": "M{x} {y}m-2.4-2.4h4.8v4.8h-4.8z",
}
_Point = tuple[float, float, int, int]


def scatter_html(data: dict[str, Any], title: str) -> Html:
    """The plot and, below it, its legend."""
    points = _points(data)
    if not points:
        return tag("p", "No points to draw.", class_="quiet")
    x, y, height = _axes(points)
    picture = tag(
        "svg",
        *(_x_tick(x, value, height) for value in x.ticks(6)),
        *(_y_tick(y, value) for value in y.ticks(5)),
        *_axis_labels(data, height),
        *_marks(points, x, y),
        viewBox=f"0 0 {WIDTH} {height}",
        class_="plot scatter",
        role="img",
        aria_label=title,
    )
    return join([picture, _legend(data, points)])


def _points(data: dict[str, Any]) -> list[_Point]:
    rows = [
        (float(x), float(y), int(rest[0]) if rest else -1, int(rest[1]) if len(rest) > 1 else 0)
        for x, y, *rest in data.get("points", [])
        if x is not None and y is not None and math.isfinite(x) and math.isfinite(y)
    ]
    stride = math.ceil(len(rows) / MAX_POINTS)
    return rows[::stride] if stride else []


def _axes(points: list[_Point]) -> tuple[Axis, Axis, float]:
    x_low, x_high = bounds(point[0] for point in points)
    y_low, y_high = bounds(point[1] for point in points)
    across, inner = x_high - x_low, WIDTH - LEFT - RIGHT
    ratio = (y_high - y_low) / across
    alike = 1 / UNLIKE <= ratio <= UNLIKE
    height = min(max(inner * ratio if alike else inner * 0.75, HEIGHTS[0]), HEIGHTS[1])
    if alike:  # one unit is equally long on both axes: widen the range that has room to spare
        unit = max(across / inner, (y_high - y_low) / height)
        x_low, x_high = _widened(x_low, x_high, unit * inner)
        y_low, y_high = _widened(y_low, y_high, unit * height)
    return Axis(x_low, x_high, LEFT, WIDTH - RIGHT), Axis(y_low, y_high, TOP + height, TOP), TOP + height + BOTTOM


def _widened(low: float, high: float, length: float) -> tuple[float, float]:
    middle = (low + high) / 2
    return middle - length / 2, middle + length / 2


def _marks(points: list[_Point], x: Axis, y: Axis) -> Iterable[Html]:
    for start in range(0, len(points), LAYER):
        groups: dict[tuple[int, int], list[str]] = {}
        for px, py, label, series in points[start : start + LAYER]:
            place = SHAPES[_shape(label, series)].format(x=f"{x(px):.1f}", y=f"{y(py):.1f}")
            groups.setdefault((label, series), []).append(place)
        for (label, series), places in groups.items():
            yield tag("path", d="".join(places), class_=f"{_shape(label, series)} {_stroke(label)}")


def _shape(label: int, series: int) -> str:
    shapes = list(SHAPES)
    return shapes[(series + max(label, 0) // COLOURS) % len(shapes)]


def _stroke(label: int) -> str:
    return "stroke-none" if label < 0 else f"stroke-{label % COLOURS}"


def _x_tick(x: Axis, value: float, height: float) -> Html:
    place = f"{x(value):.1f}"
    line = tag("line", x1=place, x2=place, y1=TOP, y2=f"{height - BOTTOM:.1f}", class_="grid")
    return join([line, tag("text", tick_label(value), x=place, y=f"{height - BOTTOM + 16:.1f}", class_="x")])


def _y_tick(y: Axis, value: float) -> Html:
    place = f"{y(value):.1f}"
    line = tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=place, y2=place, class_="grid")
    return join([line, tag("text", tick_label(value), x=LEFT - 6, y=place, dy="0.35em", class_="y")])


def _axis_labels(data: dict[str, Any], height: float) -> tuple[Html, Html]:
    middle = (TOP + height - BOTTOM) / 2
    return (
        tag("text", str(data.get("x_label", "")), x=(LEFT + WIDTH - RIGHT) / 2, y=f"{height - 8:.1f}", class_="x"),
        tag("text", str(data.get("y_label", "")), transform=f"translate(13 {middle:.1f}) rotate(-90)", class_="x"),
    )


def _legend(data: dict[str, Any], points: list[_Point]) -> Html | None:
    classes, series = data.get("classes") or [], data.get("series") or []
    seen = {(label, 0) for _, _, label, _ in points if label >= 0}
    keys = [_key(str(classes[label]) if label < len(classes) else str(label), label, 0) for label, _ in sorted(seen)]
    keys += [_key(str(name), -1, index) for index, name in enumerate(series)]
    return tag("p", *keys, class_="legend") if keys else None


def _key(name: str, label: int, series: int) -> Html:
    shape = _shape(label, series)
    mark = tag("path", d=SHAPES[shape].format(x=6, y=6), class_=f"{shape} {_stroke(label)}")
    return tag("span", tag("svg", mark, viewBox="0 0 12 12", aria_hidden="true"), name)
