"""Curves as an SVG file that stands alone: colours written out, the legend inside."""

import re
from collections.abc import Sequence
from typing import Any

from understudy.report.charts import ORDER
from understudy.report.document import asset
from understudy.report.lines import HEIGHT, LEFT, WIDTH, picture
from understudy.report.markup import Html, tag

HEAD = 44
"""Pixels above each plot, for its title and legend."""

_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#5d6672}.title{font-size:15px;fill:#1b1f24}.x{text-anchor:middle}"
    ".y{text-anchor:end}.grid{stroke:#e3e6ea}.lines path{stroke-width:2;stroke-linejoin:round;stroke-linecap:round}"
    ".lines path.dashed{stroke-dasharray:5 4;stroke-linecap:butt}.lines path.dots{stroke-width:5.4}"
    ".lines path.band{stroke:none;opacity:.16}"
)


def lines_file(plots: Sequence[tuple[str, dict[str, Any]]]) -> str:
    """The text of a file with these plots, each a title and what `lines.lines_html` reads, one below the other."""
    height = len(plots) * (HEAD + HEIGHT)
    parts = [part for number, (title, data) in enumerate(plots) for part in _placed(title, data, number)]
    return str(
        tag(
            "svg",
            tag("style", Html(_STYLE + _colours())),
            tag("rect", width=WIDTH, height=height, fill="#ffffff"),
            *parts,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {WIDTH} {height}",
            width=WIDTH,
            height=height,
        )
    )


def _colours() -> str:
    """The report's colours on white, as styles of lines and bands."""
    light = asset("report.css").partition("@media")[0]
    found = dict(re.findall(r"--c(\d): (#\w+)", light))
    return "".join(f".stroke-{key}{{stroke:{value}}}.band.stroke-{key}{{fill:{value}}}" for key, value in found.items())


def _placed(title: str, data: dict[str, Any], number: int) -> list[Html]:
    top = number * (HEAD + HEIGHT)
    head = [tag("text", title, x=LEFT, y=top + 18, class_="title")]
    across = LEFT
    for place, line in enumerate(data["series"]):
        style = line.get("style", "line")
        end = "h0" if style == "dots" else "h18"
        mark = tag(
            "path", d=f"M{across} {top + 34}{end}", class_=f"{style} stroke-{ORDER[place % len(ORDER)]}", fill="none"
        )
        head += [tag("g", mark, class_="lines"), tag("text", line["name"], x=across + 24, y=top + 38)]
        across += 24 + 7 * len(line["name"]) + 24
    return [*head, picture(data, title, x=0, y=top + HEAD, width=WIDTH, height=HEIGHT)]
