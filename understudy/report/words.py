"""A text whose words are marked by how they speak for or against something.

The data: `{"title": text, "words": [[word, weight], ...]}`; a weight above 0 speaks for, one below 0 against.
"""

from itertools import groupby
from typing import Any

from understudy.data.vocabulary import UNKNOWN
from understudy.report.markup import Html, join, tag

WIDTH = 940
LEAST = 0.08
"""Share of the largest weight below which a word is left unmarked."""
AROUND = 30
"""Unmarked words that are shown before and after marked ones; of a longer stretch the rest is counted."""
RARE = "\u25af"


def words_html(data: dict[str, Any], title: str) -> Html:
    """The text, each word with a background as strong as its weight, and its weight to be read on pointing at it."""
    words = [(str(word), float(weight)) for word, weight in data["words"]]
    if not words:
        return tag("p", "No words to show.", class_="quiet")
    largest = max(abs(weight) for _, weight in words) or 1.0
    shown = [_shown(list(part), largest) for _, part in groupby(words, key=lambda it: abs(it[1]) >= LEAST * largest)]
    legend = tag("p", tag("span", "for", class_="for"), " ", tag("span", "against", class_="against"), class_="legend")
    return join([tag("p", *shown, class_="words", role="img", aria_label=title), legend])


def _shown(part: list[tuple[str, float]], largest: float) -> Html:
    """Words that are all marked or all not."""
    first, last = part, part[:0]
    if (hidden := len(part) - 2 * AROUND) > AROUND and abs(part[0][1]) < LEAST * largest:
        first, last = part[:AROUND], part[-AROUND:]
    gap = [tag("span", f"\u2026 {hidden:,} words \u2026", class_="gap"), " "] if last else []
    sides = [[piece for it in side for piece in (_marked(*it, it[1] / largest), " ")] for side in (first, last)]
    return join([*sides[0], *gap, *sides[1]])


def _marked(word: str, weight: float, share: float) -> Html:
    if word == UNKNOWN:
        word = RARE
    if abs(share) < LEAST:
        return tag("span", word)
    side = "for" if share > 0 else "against"
    return tag("span", word, class_=side, style=f"--share:{abs(share):.2f}", title=f"{weight:+.2f}")
