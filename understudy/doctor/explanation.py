"""A finding explained, from its rule's own text: what `understudy explain` prints, and the documentation's page."""

from __future__ import annotations

import math
from collections.abc import Sequence

from understudy.doctor.finding import Fired, Measured, Remedy
from understudy.doctor.fitting import in_words
from understudy.doctor.rule import Example, Rule, thin
from understudy.doctor.signals import Signal

BLOCKS = "▁▂▃▄▅▆▇█"
COLUMNS = 48


def explanation(rule: Rule) -> str:
    """Markdown: cause, picture of a sick and a healthy run, remedies, reference."""
    about = f"Of networks that are: {', '.join(rule.families)}." if rule.families else "Of every network."
    parts = [
        f"# {rule.id}: {rule.title[:1].lower()}{rule.title[1:]}",
        f"**{rule.severity}**. {about}",
        rule.cause,
        "## A sick run and a healthy one",
        f"`{rule.healthy.signal}`, {_band(rule)}. Measured: {rule.healthy.measured}.",
        f"```\n{picture(rule)}\n```",
        "## What to try",
        "\n".join(f"{number}. {_remedy(remedy)}" for number, remedy in enumerate(rule.remedies, 1)),
        "## Reference",
        rule.reference,
    ]
    if rule.hides:
        parts += ["## What follows from it", f"Not told beside it: {', '.join(rule.hides)}."]
    return "\n\n".join(parts) + "\n"


def _band(rule: Rule) -> str:
    low, high = rule.healthy.low, rule.healthy.high
    if low is None and high is None:
        return "which has no band"
    if low is None:
        return f"healthy up to {high:g}"
    return f"healthy from {low:g}" if high is None else f"healthy from {low:g} to {high:g}"


def _remedy(remedy: Remedy) -> str:
    """Title, options, what to expect, and the line for a loop of one's own."""
    expects = f": {remedy.expects}" if remedy.expects else ""
    code = f" In a loop of your own: `{remedy.code}`" if remedy.code else ""
    return f"{remedy.title}{in_words(remedy.patch)}{expects}.{code}"


def picture(rule: Rule) -> str:
    """The rule's signal on its two examples, on one scale, in text."""
    curves = {"sick": _curve(rule, rule.sick), "healthy": _curve(rule, rule.well)}
    values = [value for curve in curves.values() for value in curve.values]
    if not values:
        return "no series to draw"
    return "\n".join(f"{name:8}{_row(curve, min(values), max(values))}" for name, curve in curves.items() if len(curve))


def _row(curve: Signal, low: float, high: float) -> str:
    """A series as blocks and its ends; a number alone as it is."""
    if len(curve) == 1:
        return f"{curve.last:.4g}"
    return f"{line(curve.values, low, high):{COLUMNS}}  {curve.first:.4g} to {curve.last:.4g}"


def _curve(rule: Rule, example: Example) -> Signal:
    """What the band is for: as the finding has it, else the signal of the band's name at its first place."""
    outcome = rule.outcome(example.signals, example.facts)
    measured: Measured | None = outcome.finding.measured if isinstance(outcome, Fired) else None
    if measured is not None and measured.values:
        return Signal(measured.signal, "", measured.steps, measured.values)
    if rule.curve is not None:
        return thin(rule.curve(example.signals, example.facts))
    return thin(next(iter(example.signals.every(rule.healthy.signal)), Signal(rule.healthy.signal)))


def line(values: Sequence[float], low: float, high: float) -> str:
    """Values as blocks of eight heights; on a logarithmic scale where they span a hundredfold and are all above 0."""
    far = low > 0 and high / low > 100
    start, end, *heights = (math.log(value) if far else value for value in (low, high, *values))
    span = (end - start) or 1.0
    width = max(1, COLUMNS // max(1, len(heights)))
    return "".join(BLOCKS[min(7, int(8 * (height - start) / span))] * width for height in heights)
