"""The kinds of plot that a figure can be. One line each: who draws it, and the CSS pixels it is wide."""

import math
import re
from collections.abc import Callable
from typing import Any

from understudy.errors import RunError
from understudy.report import bars, heat, lines, scatter, tree, words
from understudy.report.markup import Html, tag

Draw = Callable[[dict[str, Any], str], Html]

PLOTS: dict[str, tuple[Draw, int]] = {
    "scatter": (scatter.scatter_html, scatter.WIDTH + 100),
    "lines": (lines.lines_html, lines.WIDTH),
    "bars": (bars.bars_html, bars.WIDTH),
    "heat": (heat.heat_html, heat.WIDTH),
    "tree": (tree.tree_html, tree.WIDTH),
    "words": (words.words_html, words.WIDTH),
    "table": (lambda data, title: table_html(data), lines.WIDTH),
}


def plot_html(kind: str, data: dict[str, Any], title: str) -> tuple[Html, int]:
    """The plot, and its width.

    Raises:
        RunError: no such kind; a newer version may have written it.
    """
    if kind not in PLOTS:
        raise RunError(f"'{title}' is a plot of kind '{kind}'; this version draws {', '.join(PLOTS)}")
    draw, width = PLOTS[kind]
    return draw(data, title), width


def table_html(data: dict[str, Any]) -> Html:
    """`{"columns": [names], "rows": [[text or number, ...], ...]}` as a table; numbers stand to the right."""
    columns = [_Column(str(name), [row[place] for row in data["rows"]]) for place, name in enumerate(data["columns"])]
    head = [tag("th", column.name, scope="col", class_=column.side) for column in columns]
    body = [
        tag(
            "tr",
            *(tag("td", column.text(value), class_=column.side) for column, value in zip(columns, row, strict=True)),
        )
        for row in data["rows"]
    ]
    return tag("table", tag("thead", tag("tr", *head)), tag("tbody", *body), class_="listed")


class _Column:
    """One column of a table: its numbers have one number of decimals, so that they can be compared."""

    def __init__(self, name: str, values: list[object]) -> None:
        self.name = name
        self.side = "right" if all(_is_number(value) for value in values) else None
        floats = [f"{value:,.4g}" for value in values if isinstance(value, float)]
        self.decimals = None if any("e" in text for text in floats) else max(map(_decimals, floats), default=0)

    def text(self, value: object) -> str:
        if not isinstance(value, float):
            return str(value)
        text = f"{value:,.4g}" if self.decimals is None or not math.isfinite(value) else f"{value:,.{self.decimals}f}"
        return text.replace("-", "\u2212")


def _is_number(value: object) -> bool:
    """Whether it is read as one: 12, 0.5, 97.6 %."""
    return isinstance(value, int | float) or bool(re.fullmatch(r"[\u2212-]?[\d.,]+( %)?", str(value)))


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])
