"""Curves as SVG: several series over one axis, with bands, on plain or logarithmic scales.

The data: `{"x_label", "y_label", "log_x": bool, "log_y": bool, "x_ticks": [[place, label], ...], "series": [{"name",
"x": [...], "y": [...], "low": [...], "high": [...], "style": "line" | "dashed" | "dots"}]}`; of a series all but name,
x and y may be left out. A value that is None, or has no place on the scale, breaks its line.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from understudy.report.axes import Axis, bounds, tick_label
from understudy.report.charts import ORDER
from understudy.report.markup import Html, join, tag

WIDTH, HEIGHT, LEFT, BOTTOM, RIGHT, TOP = 940, 380, 76, 46, 14, 10
CHARACTER = 6.6
"""Width of a tick's letter in pixels of the picture, at its widest."""


@dataclass(frozen=True)
class Scale:
    """An axis of the picture, plain or logarithmic."""

    axis: Axis
    logarithmic: bool

    def place(self, value: float | None) -> float | None:
        """Where a value is drawn; None if it has no place."""
        if value is None or not math.isfinite(value) or (self.logarithmic and value <= 0):
            return None
        return self.axis(math.log10(value) if self.logarithmic else value)

    def ticks(self, count: int) -> list[tuple[float, str]]:
        """Round places in the picture with their labels; on a logarithmic scale powers of ten."""
        if not self.logarithmic:
            return [(self.axis(value), tick_label(value)) for value in self.axis.ticks(count)]
        first, last = math.ceil(self.axis.low - 1e-9), math.floor(self.axis.high + 1e-9)
        if last - first < 1:  # not even two powers of ten: 1, 2 and 5 of each
            values = [factor * 10.0**power for power in range(first - 1, last + 1) for factor in (1, 2, 5)]
            return [
                (place, tick_label(value))
                for value in values
                if self.axis.low <= math.log10(value) <= self.axis.high and (place := self.place(value)) is not None
            ]
        stride = max(1, math.ceil((last - first + 1) / (count + 1)))
        return [(self.axis(power), tick_label(10.0**power)) for power in range(first, last + 1, stride)]


def scale(values: Iterable[float | None], logarithmic: bool, start: float, end: float, margin: float) -> Scale:
    """A scale that has room for all the values."""
    usable = [value for value in values if value is not None and math.isfinite(value)]
    if logarithmic:
        usable = [math.log10(value) for value in usable if value > 0]
    return Scale(Axis(*bounds(usable, margin), start, end), logarithmic)


def lines_html(data: dict[str, Any], title: str) -> Html:
    """The plot and, below it, its legend."""
    series: list[dict[str, Any]] = data["series"]
    if not any(value is not None for line in series for value in line["y"]):
        return tag("p", "No values to draw.", class_="quiet")
    legend = tag("p", *(_key(line, number) for number, line in enumerate(series)), class_="legend")
    return join([picture(data, title), legend])


def picture(data: dict[str, Any], title: str, **attributes: object) -> Html:
    """The plot alone, of at least one value; `attributes` are its element's."""
    series: list[dict[str, Any]] = data["series"]
    heights = [value for line in series for key in ("y", "low", "high") for value in line.get(key) or ()]
    x = scale((at for line in series for at in line["x"]), bool(data.get("log_x")), LEFT, WIDTH - RIGHT, 0.0)
    y = scale(heights, bool(data.get("log_y")), HEIGHT - BOTTOM, TOP, 0.05)
    return tag(
        "svg",
        *(_y_tick(place, label) for place, label in y.ticks(6)),
        *(_x_tick(place, label) for place, label in _x_ticks(data, x)),
        *(_band(line, number, x, y) for number, line in enumerate(series)),
        *(_line(line, number, x, y) for number, line in sorted(enumerate(series), key=_dots_last)),
        tag("text", data.get("x_label", ""), x=(LEFT + WIDTH - RIGHT) / 2, y=HEIGHT - 6, class_="x"),
        tag(
            "text", data.get("y_label", ""), transform=f"translate(13 {(HEIGHT - BOTTOM) / 2}) rotate(-90)", class_="x"
        ),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        class_="plot lines",
        role="img",
        aria_label=title,
        **attributes,
    )


def _dots_last(numbered: tuple[int, dict[str, Any]]) -> bool:
    """What is a dot would be lost below a line."""
    return numbered[1].get("style") == "dots"


def _colour(number: int) -> str:
    return f"stroke-{ORDER[number % len(ORDER)]}"


def _points(xs: Sequence[Any], ys: Sequence[Any], x: Scale, y: Scale) -> list[tuple[float, float] | None]:
    places = [(x.place(across), y.place(up)) for across, up in zip(xs, ys, strict=True)]
    return [None if across is None or up is None else (across, up) for across, up in places]


def _line(line: dict[str, Any], number: int, x: Scale, y: Scale) -> Html:
    points, style = _points(line["x"], line["y"], x, y), line.get("style", "line")
    drawn, pen = [], "M"
    for point in points:
        if point is not None:
            dot = "h0" if style == "dots" else ""
            drawn.append(f"{pen}{point[0]:.1f} {point[1]:.1f}{dot}")
        pen = "M" if point is None or style == "dots" else "L"
    if len(drawn) == 1 and style != "dots":  # a value alone
        drawn.append("h0")
        style += " dots"
    return tag("path", d="".join(drawn), class_=f"{style} {_colour(number)}", fill="none")


def _band(line: dict[str, Any], number: int, x: Scale, y: Scale) -> Html | None:
    if not line.get("low"):
        return None
    lower, upper = (_points(line["x"], line[key], x, y) for key in ("low", "high"))
    edge = [point for point in upper if point] + [point for point in reversed(lower) if point]
    path = "M" + "L".join(f"{across:.1f} {up:.1f}" for across, up in edge) + "Z"
    return tag("path", d=path, class_=f"band {_colour(number)}")


def _x_ticks(data: dict[str, Any], x: Scale) -> list[tuple[float, str]]:
    """The ticks that were given, as many as fit beside each other, or round numbers."""
    if not data.get("x_ticks"):
        return x.ticks(10)
    given = [(place, str(label)) for value, label in data["x_ticks"] if (place := x.place(value)) is not None]
    widest = CHARACTER * max((len(label) for _, label in given), default=1) + 10
    stride = max(1, math.ceil(widest * len(given) / (WIDTH - LEFT - RIGHT)))
    return given[::stride]


def _x_tick(place: float, label: str) -> Html:
    line = tag("line", x1=f"{place:.1f}", x2=f"{place:.1f}", y1=TOP, y2=HEIGHT - BOTTOM, class_="grid")
    return join([line, tag("text", label, x=f"{place:.1f}", y=HEIGHT - BOTTOM + 17, class_="x")])


def _y_tick(place: float, label: str) -> Html:
    line = tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=f"{place:.1f}", y2=f"{place:.1f}", class_="grid")
    return join([line, tag("text", label, x=LEFT - 7, y=f"{place:.1f}", dy="0.35em", class_="y")])


def _key(line: dict[str, Any], number: int) -> Html:
    style = line.get("style", "line")
    path = "M6 6h0" if style == "dots" else "M0 6h18"
    mark = tag("path", d=path, class_=f"{style} {_colour(number)}", fill="none")
    return tag("span", tag("svg", mark, viewBox="0 0 18 12", class_="stroke", aria_hidden="true"), str(line["name"]))
