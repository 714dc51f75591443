"""Cells: one training each, of a fault, of its control, or of a healthy run; and a row of JSON of what came out."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch

from benchmarks.clinic import healthy as kinds
from benchmarks.clinic.fault import Case
from benchmarks.clinic.faults import ADDED, FIRST, TABLE
from benchmarks.clinic.healthy import KINDS
from benchmarks.clinic.outcome import Outcome
from benchmarks.clinic.recipe import Draw

Row = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """What is trained.

    Attributes:
        role: `sick`, `control` or `healthy`.
        of: the fault's name, or the kind of healthy run.
    """

    set: str
    role: str
    of: str
    number: int

    @property
    def name(self) -> str:
        """As in the rows."""
        return f"{self.set}/{self.role}/{self.of}/{self.number}"

    @property
    def case(self) -> Case:
        """What can be run."""
        return KINDS[self.of] if self.role == "healthy" else TABLE[self.of].case

    def draw(self) -> Draw:
        """The same for a fault and its control, different in each set."""
        return Draw(self.set, self.of, self.number)

    def run(self) -> Row:
        """Train it. A cell that raises is a row too."""
        began = time.perf_counter()
        sick = self.role == "sick"
        row: Row = {"cell": self.name, "settings": dict(self.case.settings(self.draw(), sick))}
        try:
            row |= _told(self.case.run(self.draw(), sick))
        except Exception as error:
            row["error"] = f"{type(error).__name__}: {error}"
        return row | {"seconds": round(time.perf_counter() - began, 2)}


def _told(outcome: Outcome) -> Row:
    verdict = outcome.verdict
    return {
        "findings": [finding.id for finding in verdict.findings],
        "severities": {finding.id: finding.severity for finding in verdict.findings},
        "evidence": {finding.id: finding.evidence for finding in verdict.findings},
        "hidden": {finding.id: by for finding, by in verdict.hidden},
        "told": {id_: list(when) for id_, when in outcome.told.items()},
        "disabled": dict(verdict.disabled),
        "broken": outcome.broken,
        "score": outcome.score,
    }


def cells(set_: str, instances: int, controls: int, healthy: int, added: bool = False) -> Iterator[Cell]:
    """Of a set: so many of each fault, so many controls of each, so many healthy runs in all.

    Args:
        added: of the faults and kinds that came after the frozen set was scored; else of the others.
    """
    faults, round_ = (ADDED, tuple(kinds.ADDED)) if added else (FIRST, kinds.ROUND)
    for number in range(instances):
        yield from (Cell(set_, "sick", name, number) for name in faults)
    for number in range(controls):
        yield from (Cell(set_, "control", name, number) for name in faults)
    for number in range(healthy):
        yield Cell(set_, "healthy", round_[number % len(round_)], number)


def one_thread() -> None:
    """As in every figure here."""
    torch.set_num_threads(1)
