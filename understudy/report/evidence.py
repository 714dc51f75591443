"""A finding's evidence as a picture: its series, the healthy band, and where it began."""

from typing import Any

from understudy.report.axes import Axis, bounds, tick_label
from understudy.report.charts import Line, svg_line
from understudy.report.history import Point
from understudy.report.markup import Html, join, tag

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 420, 110, 52, 18, 6


def evidence_html(measured: dict[str, Any] | None, step: Any) -> Html | None:
    """The picture, or none where the finding has no series of two points or more."""
    if not measured or len(measured.get("values") or []) < 2:
        return None
    steps, values = measured["steps"], measured["values"]
    ends = [end for end in (measured.get("low"), measured.get("high")) if end is not None]
    x = Axis(min(steps), max(steps), LEFT, WIDTH - 8)
    y = Axis(*bounds([*values, *ends]), HEIGHT - BOTTOM, TOP)
    points = [Point(at, 0.0, value) for at, value in zip(steps, values, strict=True)]
    drawn = tag(
        "svg",
        _band(measured, y),
        *(_y_label(y, value) for value in y.ticks(2)),
        *(tag("text", tick_label(value), x=f"{x(value):.1f}", y=HEIGHT - 4, class_="x") for value in x.ticks(4)),
        svg_line(Line(str(measured["signal"]), points), x, y),
        _pin(x(step)) if isinstance(step, int) and min(steps) <= step <= max(steps) else None,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        class_="plot evidence",
        role="img",
        aria_label=f"{measured['signal']} and its healthy band",
    )
    note = tag("p", tag("code", str(measured["signal"])), " by step; shaded: the healthy range", class_="quiet")
    return tag("div", tag("dt", ""), tag("dd", join([drawn, note])))


def _y_label(y: Axis, value: float) -> Html:
    return tag("text", tick_label(value), x=LEFT - 6, y=f"{y(value):.1f}", dy="0.35em", class_="y")


def _pin(x: float) -> Html:
    return tag("line", x1=f"{x:.1f}", x2=f"{x:.1f}", y1=TOP, y2=HEIGHT - BOTTOM, class_="pin")


def _band(measured: dict[str, Any], y: Axis) -> Html | None:
    """The healthy range, open ends as far as the picture goes."""
    low, high = measured.get("low"), measured.get("high")
    if low is None and high is None:
        return None
    top = TOP if high is None else y(high)
    height = (HEIGHT - BOTTOM if low is None else y(low)) - top
    return tag("rect", x=LEFT, y=f"{top:.1f}", width=WIDTH - 8 - LEFT, height=f"{height:.1f}", class_="band")
