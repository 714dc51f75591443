"""What a rule is: a pure function from signals and facts to an outcome, and the text from which it is explained."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Finding, Fired, Measured, NotApplicable, NotEnough, Outcome, Remedy, Severity
from understudy.doctor.fitting import fitting
from understudy.doctor.signals import Signal, Signals

UNREAD = "nothing was read"
POINTS = 60
"""Of a finding's series that are kept."""
Examine = Callable[["Rule", Signals, Facts], Outcome]


@dataclass(frozen=True)
class Band:
    """Where healthy runs have a signal; an end that is None is open.

    Attributes:
        signal: the one that `explain` draws.
        measured: on which runs the band was measured, and what was seen there.
    """

    signal: str
    low: float | None = None
    high: float | None = None
    measured: str = ""


@dataclass(frozen=True)
class Example:
    """A run in a few numbers: what `explain` draws, and what the tests of the table hold the rule to."""

    signals: Signals
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True)
class Rule:
    """One thing that can be wrong.

    Attributes:
        id: as in `findings.json` and `understudy explain`.
        title: what is found, in a few words.
        cause: how it comes about.
        reference: paper and equation.
        healthy: the band that evidence is held against.
        remedies: what to try, the likeliest first.
        examine: pure: nothing but signals and facts, and no clock, file or chance.
        sick, well: two runs, one on which it fires and one on which it is clear.
        families: of which networks it speaks; empty: of all.
        needs: signals without which it cannot tell; `examine` is not called before each has a value.
        curve: what the band is for, where it is not a signal as it was read: for the picture of a healthy run.
        hides: findings that follow from this one, so that they are not told beside it.
        of_loops: whether it is about loops of a user's own alone: the house's loop cannot have it.
        of_runs: whether it is about runs of the house alone: of a loop it cannot be known.
    """

    id: str
    title: str
    severity: Severity
    cause: str
    reference: str
    healthy: Band
    remedies: tuple[Remedy, ...]
    examine: Examine
    sick: Example
    well: Example
    families: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    of_loops: bool = False
    of_runs: bool = False
    curve: Callable[[Signals, Facts], Signal] | None = None

    def outcome(self, signals: Signals, facts: Facts) -> Outcome:
        """What the rule says of a run."""
        if self.families and not facts.families.intersection(self.families):
            return NotApplicable(f"it is about {', '.join(self.families)}")
        if self.of_loops and facts.network:
            return NotApplicable("it is about training loops of one's own")
        if self.of_runs and not facts.network:
            return NotApplicable("it is about runs of understudy train")
        if missing := [name for name in self.needs if not signals.has(name)]:
            return NotEnough(f"{UNREAD} of {', '.join(missing)}")
        found = self.examine(self, signals, facts)
        if not isinstance(found, Fired):
            return found
        return Fired(replace(found.finding, remedies=fitting(found.finding.remedies, facts)))

    def fire(
        self,
        evidence: str,
        *,
        step: int | None = None,
        place: str = "",
        value: float | None = None,
        series: Signal | None = None,
        severity: Severity | None = None,
        title: str | None = None,
        cause: str | None = None,
        remedies: tuple[Remedy, ...] | None = None,
    ) -> Fired:
        """The finding, with the rule's own words where none are given.

        Args:
            value: the number that the band is for; unset or not finite: the newest of the series, if there is one.
            series: how it came about; kept in the finding, thinned, to be drawn.
        """
        drawn = thin(series) if series is not None else Signal(self.healthy.signal)
        if value is None or not math.isfinite(value):  # JSON has no word for it, and no band either
            value = drawn.last if len(drawn) else None
        return Fired(
            Finding(
                id=self.id,
                severity=severity or self.severity,
                title=title or self.title,
                evidence=evidence,
                cause=cause or self.cause,
                remedies=self.remedies if remedies is None else remedies,
                step=step,
                place=place,
                measured=None if value is None else self._measured(value, drawn),
            )
        )

    def _measured(self, value: float, drawn: Signal) -> Measured:
        band = self.healthy
        return Measured(band.signal, value, band.low, band.high, drawn.steps, drawn.values)


def thin(signal: Signal) -> Signal:
    """At most so many points, evenly, the newest one kept; without those that are not finite."""
    finite = signal.finite
    every = -(-len(finite) // POINTS) or 1
    keep = slice((len(finite) - 1) % every, None, every)
    return Signal(signal.name, signal.place, finite.steps[keep], finite.values[keep])


def patch(**options: Any) -> Mapping[str, Any]:
    """Options of a run file, as a remedy has them."""
    return options
