"""A table of numbers from 0 to 1 as shades, such as which word of the input each word of the output looked at.

The data: `{"rows": [labels], "columns": [labels], "values": [[...], ...]}`, a list of values for each row.
"""

from typing import Any

from understudy.report.markup import Html, join, tag

CELL, WIDTH, CHARACTER, GAP = 26, 940, 7.2, 8
MOST = 60
"""Rows and columns that can still be read; what is beyond them is left out, and said so."""


def heat_html(data: dict[str, Any], title: str) -> Html:
    """The shades with their labels: columns above, words among them upright, rows to the left."""
    rows, columns = ([str(label) for label in data[key]][:MOST] for key in ("rows", "columns"))
    if not rows or not columns:
        return tag("p", "No values to draw.", class_="quiet")
    left = CHARACTER * max(map(len, rows)) + 2 * GAP
    top = CHARACTER * max(map(len, columns)) + 2 * GAP
    width, height = left + CELL * len(columns) + GAP, top + CELL * len(rows) + GAP
    picture = tag(
        "svg",
        *(_column(label, left + CELL * (place + 0.5), top - GAP) for place, label in enumerate(columns)),
        *(
            tag("text", label, x=f"{left - GAP:.1f}", y=f"{top + CELL * (place + 0.5):.1f}", dy="0.35em", class_="y")
            for place, label in enumerate(rows)
        ),
        *(
            _cell(value, left + CELL * across, top + CELL * down, f"{rows[down]}, {columns[across]}")
            for down, values in enumerate(data["values"][: len(rows)])
            for across, value in enumerate(values[: len(columns)])
        ),
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        style=f"max-width:{width:.0f}px",
        class_="plot heat",
        role="img",
        aria_label=title,
    )
    cut = max(len(data["rows"]), len(data["columns"])) > MOST
    return join([picture, tag("p", f"Only the first {MOST} of each side are shown.", class_="quiet") if cut else None])


def _column(label: str, x: float, y: float) -> Html:
    if len(label) == 1:
        return tag("text", label, x=f"{x:.1f}", y=f"{y:.1f}", class_="x")
    return tag("text", label, transform=f"translate({x:.1f} {y:.1f}) rotate(-90)", dy="0.35em", class_="upright")


def _cell(value: float, x: float, y: float, label: str) -> Html:
    shade = f"{max(0.0, min(1.0, value)):.3f}"
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "width": CELL - 1, "height": CELL - 1}
    return tag("rect", tag("title", f"{label}: {value:.2f}"), class_="shade", fill_opacity=shade, **place)
