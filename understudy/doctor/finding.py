"""What a rule says: a finding with evidence and remedies, or why it has none."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning", "advice"]
USUAL = "usual"
"""In a remedy's patch: the value that the network has where nobody asks for another."""
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "advice")
"""The gravest first."""


@dataclass(frozen=True)
class Remedy:
    """Something to try.

    Attributes:
        title: in words.
        patch: options of the run file and what to set them to; or a text such as `/10` or `*2`: what to multiply them
            by; or `usual`: what the network's own recipe has. Empty where no option does it.
        expects: what should become of the signal.
        code: the line to write in a loop of one's own.
    """

    title: str
    patch: Mapping[str, Any] = field(default_factory=dict)
    expects: str = ""
    code: str = ""


@dataclass(frozen=True)
class Measured:
    """The number that tells, and where healthy runs have it; an end that is None is open.

    Attributes:
        steps, values: how it came about, where it is a series.
    """

    signal: str
    value: float
    low: float | None = None
    high: float | None = None
    steps: tuple[int, ...] = ()
    values: tuple[float, ...] = ()


@dataclass(frozen=True)
class Finding:
    """Something wrong, and the proof.

    Attributes:
        id: the rule's.
        evidence: numbers, and the healthy range beside them, in one sentence.
        step: where it began; None where it has no place in time.
        place: layer, parameter, player or loss term; empty for the whole network.
    """

    id: str
    severity: Severity
    title: str
    evidence: str
    cause: str
    remedies: tuple[Remedy, ...] = ()
    step: int | None = None
    place: str = ""
    measured: Measured | None = None

    def line(self) -> str:
        """In one line: what, where, and when it began."""
        where = f" at {self.place}" if self.place and self.place not in self.title else ""
        when = "" if self.step is None else f" (step {self.step})"
        return f"{self.severity}: {self.title}{where}{when}: {self.evidence} [{self.id}]"

    def to_json(self) -> dict[str, Any]:
        """An item of findings.json."""
        return dataclasses.asdict(self) | {"remedies": [dataclasses.asdict(remedy) for remedy in self.remedies]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Finding:
        """The inverse of `to_json`."""
        measured = value.get("measured")
        return cls(
            **{
                **value,
                "remedies": tuple(Remedy(**remedy) for remedy in value["remedies"]),
                "measured": None
                if measured is None
                else Measured(**{**measured, "steps": tuple(measured["steps"]), "values": tuple(measured["values"])}),
            }
        )


@dataclass(frozen=True)
class Fired:
    """The rule found something."""

    finding: Finding


@dataclass(frozen=True)
class Clear:
    """The rule looked, and found nothing."""


@dataclass(frozen=True)
class NotApplicable:
    """The rule means nothing for this run."""

    reason: str


@dataclass(frozen=True)
class NotEnough:
    """The rule would need more data than there is."""

    reason: str


Outcome = Fired | Clear | NotApplicable | NotEnough
