"""How the hypotheses of a beam search live and die: a column for each step, in it the likeliest on top.

The data: `{"nodes": [{"id", "parent", "step", "label", "end", "log_probability", "score", "fate"}, ...]}`, parents
before their children; `fate` is `kept`, `finished` or `pruned`. `decoding.tree.labelled` makes it of a search.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from understudy.report.markup import Html, join, tag

WIDTH, ROW, PILL, GAP, CHARACTER, AIR, MARGIN = 1040, 30, 22, 24, 7.2, 16, 4
MOST_ROWS = 14
"""Hypotheses of one step that are drawn; the likeliest, and whatever is returned."""
LABELS = (14, 6)
"""Letters of a label that are shown: the most, and the least that it is cut to where steps are many."""
FATES = ("pruned", "finished", "kept")
"""In the order in which they are drawn: what is returned lies on top."""


@dataclass(frozen=True)
class Pill:
    """A node with its place."""

    node: dict[str, Any]
    text: str
    left: float
    middle: float
    width: float


def tree_html(data: dict[str, Any], title: str) -> Html:
    """The columns, and a note if something was left out."""
    columns = _columns(data["nodes"])
    if not columns:
        return tag("p", "No hypotheses to draw.", class_="quiet")
    shown = [_visible(column) for column in columns]
    letters = next((count for count in range(*LABELS, -1) if _breadth(shown, count) <= WIDTH), LABELS[1])
    while len(shown) > 1 and _breadth(shown, letters) > WIDTH:
        shown.pop()
    pills = _placed(shown, letters)
    height = ROW * max(map(len, shown)) + 2 * MARGIN
    width = _breadth(shown, letters)
    picture = tag(
        "svg",
        *_ordered(_edge(pills[pill.node["parent"]], pill) for pill in pills.values() if pill.node["parent"] in pills),
        *_ordered(_pill(pill) for pill in pills.values()),
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        style=f"max-width:{width:.0f}px",
        class_="plot tree",
        role="img",
        aria_label=title,
    )
    return join([picture, _legend(), _note(columns, shown)])


def _columns(nodes: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Nodes by step, the likeliest first."""
    steps = max((node["step"] for node in nodes), default=-1) + 1
    return [
        sorted((node for node in nodes if node["step"] == step), key=lambda node: -node["log_probability"])
        for step in range(steps)
    ]


def _visible(column: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As many as fit below each other."""
    first = sorted(column, key=lambda node: node["fate"] != "kept")[:MOST_ROWS]
    return [node for node in column if node in first]


def _text(node: dict[str, Any], letters: int) -> str:
    """What stands in a node: its token, or at an end the score."""
    if node["end"]:
        return f"{node['score']:.2f}".replace("-", "−")
    label = str(node["label"])
    return label if len(label) <= letters else f"{label[: letters - 1]}…"


def _wide(text: str) -> float:
    cells = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return CHARACTER * max(cells, 1) + AIR


def _breadth(columns: list[list[dict[str, Any]]], letters: int) -> float:
    return sum(_column_width(column, letters) for column in columns) + GAP * (len(columns) - 1) + 2 * MARGIN


def _column_width(column: list[dict[str, Any]], letters: int) -> float:
    return max(_wide(_text(node, letters)) for node in column)


def _placed(columns: list[list[dict[str, Any]]], letters: int) -> dict[int, Pill]:
    pills, left = {}, float(MARGIN)
    for column in columns:
        for row, node in enumerate(column):
            text = _text(node, letters)
            pills[node["id"]] = Pill(node, text, left, MARGIN + ROW * (row + 0.5), _wide(text))
        left += _column_width(column, letters) + GAP
    return pills


def _ordered(marks: Iterable[tuple[str, Html]]) -> list[Html]:
    drawn = list(marks)
    return [mark for fate in FATES for found, mark in drawn if found == fate]


def _edge(parent: Pill, child: Pill) -> tuple[str, Html]:
    start, end = parent.left + parent.width, child.left
    bend = (start + end) / 2
    path = f"M{start:.1f} {parent.middle:.1f}C{bend:.1f} {parent.middle:.1f} {bend:.1f} {child.middle:.1f} "
    fate = child.node["fate"]
    return fate, tag("path", d=f"{path}{end:.1f} {child.middle:.1f}", class_=fate, fill="none")


def _pill(pill: Pill) -> tuple[str, Html]:
    node = pill.node
    fate = f"{node['fate']} end" if node["end"] else node["fate"]
    said = tag("title", f"{node['label']}: log-probability {node['log_probability']:.3f}, score {node['score']:.3f}")
    box = {"x": f"{pill.left:.1f}", "y": f"{pill.middle - PILL / 2:.1f}", "width": f"{pill.width:.1f}", "height": PILL}
    middle = f"{pill.left + pill.width / 2:.1f}"
    return node["fate"], tag(
        "g",
        said,
        tag("rect", rx=6, **box),
        tag("text", pill.text, x=middle, y=f"{pill.middle:.1f}", dy="0.35em", class_="x"),
        class_=fate,
    )


def _legend() -> Html:
    keys = {"kept": "returned", "finished": "ended, but others were better", "pruned": "left the beam"}
    marks = [
        tag("span", tag("svg", tag("path", d="M0 6h18", class_=fate), viewBox="0 0 18 12", class_="stroke tree"), said)
        for fate, said in keys.items()
    ]
    return tag("p", *marks, tag("span", "a number: the end, and the score with it"), class_="legend")


def _note(columns: list[list[dict[str, Any]]], shown: list[list[dict[str, Any]]]) -> Html | None:
    notes = []
    if len(shown) < len(columns):
        notes.append(f"the first {len(shown) - 1} of {len(columns) - 1} steps")
    if any(len(few) < len(all_) for few, all_ in zip(shown, columns, strict=False)):
        notes.append(f"at most {MOST_ROWS} hypotheses of each step")
    return tag("p", f"Only {' and '.join(notes)} are shown.", class_="quiet") if notes else None
