"""The kinds of plot that a figure can be. One line each: who draws it, and the CSS pixels it is wide."""

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
    rows: list[list[object]] = data["rows"]
    sides = [_side(value) for value in rows[0]] if rows else [None] * len(data["columns"])
    head = [tag("th", str(name), scope="col", class_=side) for name, side in zip(data["columns"], sides, strict=True)]
    body = [tag("tr", *(tag("td", _text(value), class_=_side(value)) for value in row)) for row in rows]
    return tag("table", tag("thead", tag("tr", *head)), tag("tbody", *body), class_="listed")


def _side(value: object) -> str | None:
    return "right" if isinstance(value, int | float) else None


def _text(value: object) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else str(value)
