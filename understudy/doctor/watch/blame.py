"""Which line of the user's code a finding is about."""

from __future__ import annotations

from understudy.doctor.finding import Finding
from understudy.doctor.watch.lines import Line
from understudy.doctor.watch.scene import Scene
from understudy.doctor.watch.source import attribute_at, initialised_at

OF_THE_RATE = {"rate-too-high", "rate-too-low", "weights-blow-up", "exploding"}
OF_FIRST_VALUES = {"symmetric-units", "weights-too-small", "weights-too-large"}
OF_THE_SPLIT = {"shared-items", "biased-split", "missing-class"}
"""Findings by what is to be changed, where no reading has a line."""
OF_THE_LOSS = {"shuffled-labels", "no-skill", "overfitting"}
OF_ANOTHER = {"divergence-sign": ("pseudo_likelihood", "training"), "chain-not-sampled": ("units_drawn", "")}
"""Findings whose line is another reading's than the one that is told."""


def blamed(finding: Finding, scene: Scene) -> Line | None:
    """The line that was at work at the reading; else where what is to be changed was made; None where nobody knows."""
    signal = finding.measured.signal if finding.measured else ""
    noted = scene.notes.line(signal, finding.place)
    if noted is not None:
        return noted
    if finding.id in OF_ANOTHER:
        return scene.notes.line(*OF_ANOTHER[finding.id])
    if finding.id in OF_THE_SPLIT:
        return scene.asked
    if finding.id in OF_THE_LOSS:
        return scene.notes.line("constant", "loss")
    if finding.id in OF_THE_RATE:
        return next(iter(scene.made.values()), None)
    if finding.id in OF_FIRST_VALUES and (line := initialised_at(scene.file)) is not None:
        return line
    return _part_at(finding.place, scene) if finding.place else None


def _part_at(place: str, scene: Scene) -> Line | None:
    """Where a layer, or the part that it is in, is made in a class of the user's own."""
    parts = dict(scene.parts())
    words = place.split(".")
    for end in range(len(words), 0, -1):
        holder = parts.get(".".join(words[: end - 1]))
        line = attribute_at(holder, words[end - 1]) if holder is not None else None
        if line is not None:
            return line
    return scene.made_networks.get(words[0]) or scene.made_networks.get("")
