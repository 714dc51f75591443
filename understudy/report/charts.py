"""A chart of curves: an SVG that any reader shows, and the data from which the page's script draws the live one."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from understudy.report.axes import Axis, bounds, tick_label
from understudy.report.history import Point, thin
from understudy.report.markup import Html, join, json_script, tag

Style = Literal["training", "validation", "mean", "seed"]
ORDER = (0, 6, 4, 1, 5, 8, 2, 9, 7, 3)  # palette entries, in the order in which lines stay easiest to tell apart


@dataclass(frozen=True)
class Line:
    """One curve; lines of one `group` are switched on and off together."""

    label: str
    points: list[Point]
    colour: int = ORDER[0]
    style: Style = "training"
    group: int | None = None


@dataclass(frozen=True)
class Pin:
    """A finding's place on the step axis."""

    step: int
    label: str
    severity: str


@dataclass(frozen=True)
class Chart:
    """Curves that share their axes.

    Attributes:
        share: whether the values are shares, from 0 to 1.
    """

    title: str
    lines: tuple[Line, ...]
    pins: tuple[Pin, ...] = ()
    wide: bool = False
    share: bool = False


def chart_html(chart: Chart) -> Html:
    """The chart as a figure of the page."""
    if not any(math.isfinite(point.value) for line in chart.lines for point in line.points):
        body = tag("p", "No finite value to draw.", class_="quiet")
    else:
        size = (1040, 300) if chart.wide else (500, 220)
        still = tag("div", still_chart(chart, *size), _legend(chart.lines), class_="still")
        body = join([still, json_script(_payload(chart), class_="chart-data")])
    return tag("figure", tag("figcaption", chart.title), body, class_="chart wide" if chart.wide else "chart")


def still_chart(chart: Chart, width: int, height: int) -> Html:
    """The chart as SVG; its colours come from the style sheet."""
    points = [point for line in chart.lines for point in line.points]
    last = max([point.step for point in points] + [pin.step for pin in chart.pins])
    x = Axis(min(0, *(point.step for point in points)), last or 1, 52, width - 10)
    low, high = bounds(point.value for point in points)
    y = Axis(max(low, 0.0) if chart.share else low, min(high, 1.0) if chart.share else high, height - 24, 8)
    return tag(
        "svg",
        *(_grid_line(y, value, width) for value in y.ticks(4)),
        *(tag("text", tick_label(value), x=f"{x(value):.1f}", y=height - 6, class_="x") for value in x.ticks(6)),
        *(svg_line(line, x, y) for line in chart.lines),
        *(_pin_line(pin, x(pin.step), height) for pin in chart.pins),
        *(_pin_label(pin, x(pin.step), row, width) for row, pin in enumerate(chart.pins)),
        viewBox=f"0 0 {width} {height}",
        class_="plot",
        role="img",
        aria_label=chart.title,
    )


def svg_line(line: Line, x: Axis, y: Axis) -> Html:
    """One curve as a path; a value that is not finite breaks it, and a value alone shows as a dot."""
    pieces, pen = [], "M"
    points = thin(line.points, 150)
    for point in points:
        if math.isfinite(point.value):
            pieces.append(f"{pen}{x(point.step):.1f} {y(point.value):.1f}")
            pen = "L"
        else:
            pen = "M"
    if len(pieces) == 1:
        pieces.append("h0")
    return tag("path", d="".join(pieces), class_=f"{line.style} stroke-{line.colour}", fill="none")


def _grid_line(y: Axis, value: float, width: int) -> Html:
    height = f"{y(value):.1f}"
    label = tag("text", tick_label(value), x=46, y=height, dy="0.35em", class_="y")
    return join([tag("line", x1=52, x2=width - 10, y1=height, y2=height, class_="grid"), label])


def _pin_line(pin: Pin, x: float, height: int) -> Html:
    return tag("line", x1=f"{x:.1f}", x2=f"{x:.1f}", y1=8, y2=height - 24, class_=f"pin {pin.severity}")


def _pin_label(pin: Pin, x: float, row: int, width: int) -> Html:
    left = x > width / 2
    place = {"x": f"{x - 5 if left else x + 5:.1f}", "y": 20 + 16 * row, "text_anchor": "end" if left else "start"}
    return tag("text", pin.label, class_=f"pin {pin.severity}", **place)


def _legend(lines: Iterable[Line]) -> Html | None:
    shown = [line for line in lines if line.style != "seed"]
    if len(shown) < 2:
        return None
    return tag("p", *(tag("span", line.label, class_=f"key {line.style} fill-{line.colour}") for line in shown))


def _payload(chart: Chart) -> dict[str, Any]:
    return {
        "title": chart.title,
        "share": chart.share,
        "lines": [_line_payload(line) for line in chart.lines],
        "pins": [_pin_payload(pin, chart.lines) for pin in chart.pins],
    }


def _line_payload(line: Line) -> dict[str, Any]:
    points = thin(line.points)
    return {
        "label": line.label,
        "colour": line.colour,
        "style": line.style,
        "group": line.group,
        "step": [point.step for point in points],
        "time": [round(point.time, 2) for point in points],
        "value": [float(f"{point.value:.5g}") if math.isfinite(point.value) else None for point in points],
    }


def _pin_payload(pin: Pin, lines: Iterable[Line]) -> dict[str, Any]:
    points = [point for line in lines for point in line.points]
    nearest = min(points, key=lambda point: abs(point.step - pin.step))
    return {"step": pin.step, "time": nearest.time, "label": pin.label, "severity": pin.severity}
