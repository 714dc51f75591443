"""What the doctor said of one training, of the house or of a loop."""

from collections.abc import Mapping
from dataclasses import dataclass

from understudy.doctor.facts import Facts
from understudy.doctor.signals import Signals
from understudy.doctor.verdict import Verdict, examine


@dataclass(frozen=True)
class Outcome:
    """A verdict and when it came about.

    Attributes:
        told: by a finding's id, the step at which it was first told, and its severity then.
        broken: the first step with a number that was not finite; None without one.
        score: the best validation loss; None where there was none.
    """

    verdict: Verdict
    told: Mapping[str, tuple[int, str]]
    broken: int | None = None
    score: float | None = None


def replayed(signals: Signals, facts: Facts, disabled: Mapping[str, str]) -> Outcome:
    """Of a loop, whose rules are asked at its end: at every step that has a reading, what they would have said then."""
    steps = sorted({step for signal in signals.values() for step in signal.steps})
    told: dict[str, tuple[int, str]] = {}
    for step in _few(steps):
        for finding in examine(signals.up_to(step), facts, disabled=disabled).findings:
            told.setdefault(finding.id, (step, finding.severity))
    broken = min((signal.steps[0] for signal in signals.every("non_finite") if len(signal)), default=None)
    score = min(signals.one("validation/loss").finite.values, default=None)
    return Outcome(examine(signals, facts, disabled=disabled), told, broken, score)


def _few(steps: list[int], most: int = 60) -> list[int]:
    """All early ones, later ones thinned, the last one kept."""
    early, later = steps[: most // 2], steps[most // 2 :]
    every = -(-len(later) // (most // 2)) or 1
    return early + later[(len(later) - 1) % every :: every]
