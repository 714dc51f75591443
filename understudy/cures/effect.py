"""What became of a finding in a run that tried a remedy: whether it is still there, and the number that told."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from understudy.doctor import rules
from understudy.doctor.facts import Facts
from understudy.doctor.finding import Finding
from understudy.doctor.signals import Signals
from understudy.doctor.stored import gathered
from understudy.doctor.verdict import examine


@dataclass(frozen=True)
class Effect:
    """Of one run.

    Attributes:
        gone: whether the rule looked and no longer fires.
        value: the number that told, as it is now; None where it was not read.
    """

    gone: bool
    value: float | None


def effects(folder: Path, findings: Sequence[Finding]) -> dict[str, Effect]:
    """By the findings' ids."""
    signals, facts, _ = gathered(folder)
    return {finding.id: _effect(finding, signals, facts) for finding in findings}


def _effect(finding: Finding, signals: Signals, facts: Facts) -> Effect:
    verdict = examine(signals, facts, [rules.one(finding.id)])
    again = next((found.measured for found in verdict.findings), None)
    value = again.value if again else _reading(finding, signals, facts)
    return Effect(finding.id in verdict.clear, value if math.isfinite(value) else None)


def _reading(finding: Finding, signals: Signals, facts: Facts) -> float:
    """The newest value of what the rule's band is for; NaN where it was not read."""
    rule = rules.one(finding.id)
    if rule.curve is None or not signals.names() >= {*rule.needs}:
        return signals.one(rule.healthy.signal, finding.place).finite.last
    return rule.curve(signals, facts).finite.last
