"""Bars side by side, such as the share of each class among real and among made items.

The data: `{"x_label", "y_label", "labels": [...], "series": [{"name", "values": [...]}, ...]}`, a value for each label,
none below 0.
"""

from typing import Any

from understudy.report.axes import Axis, tick_label
from understudy.report.charts import ORDER
from understudy.report.markup import Html, join, tag

WIDTH, HEIGHT, LEFT, BOTTOM, RIGHT, TOP = 940, 300, 64, 46, 14, 10
FILLED = 0.78
"""Share of a label's room that its bars take."""
CHARACTER = 6.6


def bars_html(data: dict[str, Any], title: str) -> Html:
    """The plot and, below it, its legend."""
    labels, series = [str(label) for label in data["labels"]], data["series"]
    if not labels or not series:
        return tag("p", "No values to draw.", class_="quiet")
    most = max(value for line in series for value in line["values"]) or 1.0
    up = Axis(0.0, 1.05 * most, HEIGHT - BOTTOM, TOP)
    room = (WIDTH - LEFT - RIGHT) / len(labels)
    stride = -(-int(CHARACTER * max(map(len, labels)) + 10) // max(1, int(room)))
    picture = tag(
        "svg",
        *(_rule(up(value), tick_label(value)) for value in up.ticks(5)),
        *(
            tag("text", label, x=f"{LEFT + room * (place + 0.5):.1f}", y=HEIGHT - BOTTOM + 17, class_="x")
            for place, label in enumerate(labels)
            if place % stride == 0
        ),
        *(
            _bar(LEFT + room * place, room, number, len(series), value, up, f"{line['name']}, {labels[place]}")
            for number, line in enumerate(series)
            for place, value in enumerate(line["values"])
        ),
        tag("text", data.get("x_label", ""), x=(LEFT + WIDTH - RIGHT) / 2, y=HEIGHT - 6, class_="x"),
        tag(
            "text", data.get("y_label", ""), transform=f"translate(13 {(HEIGHT - BOTTOM) / 2}) rotate(-90)", class_="x"
        ),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        class_="plot bars",
        role="img",
        aria_label=title,
    )
    return join([picture, tag("p", *(_key(line, number) for number, line in enumerate(series)), class_="legend")])


def _bar(left: float, room: float, number: int, count: int, value: float, up: Axis, label: str) -> Html:
    width = room * FILLED / count
    place = {"x": f"{left + room * (1 - FILLED) / 2 + width * number:.1f}", "y": f"{up(value):.1f}"}
    size = {"width": f"{max(width - 1, 0.5):.1f}", "height": f"{up(0) - up(value):.1f}"}
    return tag("rect", tag("title", f"{label}: {tick_label(value)}"), class_=_colour(number), **place, **size)


def _colour(number: int) -> str:
    return f"bar fill-{ORDER[number % len(ORDER)]}"


def _rule(place: float, label: str) -> Html:
    line = tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=f"{place:.1f}", y2=f"{place:.1f}", class_="grid")
    return join([line, tag("text", label, x=LEFT - 7, y=f"{place:.1f}", dy="0.35em", class_="y")])


def _key(line: dict[str, Any], number: int) -> Html:
    mark = tag("rect", x=0, y=0, width=12, height=12, class_=_colour(number))
    return tag("span", tag("svg", mark, viewBox="0 0 12 12", aria_hidden="true"), str(line["name"]))
