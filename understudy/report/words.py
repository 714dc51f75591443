"""A text whose words are marked by how they speak for or against something.

The data: `{"title": text, "words": [[word, weight], ...]}`; a weight above 0 speaks for, one below 0 against.
"""

from typing import Any

from understudy.report.markup import Html, join, tag

WIDTH = 940
LEAST = 0.08
"""Share of the largest weight below which a word is left unmarked."""


def words_html(data: dict[str, Any], title: str) -> Html:
    """The text, each word with a background as strong as its weight, and its weight to be read on pointing at it."""
    words = [(str(word), float(weight)) for word, weight in data["words"]]
    if not words:
        return tag("p", "No words to show.", class_="quiet")
    largest = max(abs(weight) for _, weight in words) or 1.0
    marked = [piece for word, weight in words for piece in (_marked(word, weight, weight / largest), " ")]
    legend = tag("p", tag("span", "for", class_="for"), " ", tag("span", "against", class_="against"), class_="legend")
    return join([tag("p", *marked, class_="words", role="img", aria_label=title), legend])


def _marked(word: str, weight: float, share: float) -> Html:
    if abs(share) < LEAST:
        return tag("span", word)
    side = "for" if share > 0 else "against"
    return tag("span", word, class_=side, style=f"--share:{abs(share):.2f}", title=f"{weight:+.2f}")
