"""What is tried of a run's findings: remedies, and what they are held against."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from understudy.cures.patches import options_of
from understudy.doctor.finding import Finding, Remedy
from understudy.errors import RequestError
from understudy.runs.runfile import RunFile
from understudy.runs.sweep import Cell

Kind = Literal["no change", "control", "remedy"]
SMALLER_BATCH = 0.75
APART = 1000
"""From a seed to that of its control: so far that more seeds can be added to both."""


@dataclass(frozen=True)
class Trial:
    """A change, and the runs that it is tried in.

    Attributes:
        findings: ids of what it is to cure; empty of what remedies are held against.
        expects: what should become of the signal.
        why: of the control, why it should not help.
    """

    kind: Kind
    title: str
    options: dict[str, Any]
    seeds: tuple[int, ...]
    findings: tuple[str, ...] = ()
    expects: str = ""
    why: str = ""

    @property
    def cells(self) -> list[Cell]:
        """Its runs."""
        return [Cell(self.options, seed) for seed in self.seeds]


@dataclass(frozen=True)
class Untried:
    """A remedy that no run can show.

    Attributes:
        code: the line for a loop of one's own.
    """

    finding: str
    title: str
    reason: str
    code: str = ""


@dataclass(frozen=True)
class Trials:
    """All that is to be tried, the two that it is held against first."""

    tried: list[Trial]
    untried: list[Untried] = field(default_factory=list)

    @property
    def remedies(self) -> list[Trial]:
        """Those that are to win."""
        return [trial for trial in self.tried if trial.kind == "remedy"]

    @property
    def references(self) -> list[Trial]:
        """Those that they are held against."""
        return [trial for trial in self.tried if trial.kind != "remedy"]


def trials_for(findings: Sequence[Finding], file: RunFile, seeds: int) -> Trials:
    """No change, a control change, and each remedy that options can express, once.

    Args:
        seeds: runs of each; the first has the run's own seed.
    """
    own = tuple(range(file.seed, file.seed + seeds))
    found: dict[str, Trial] = {}
    untried = []
    for finding in findings:
        for remedy in finding.remedies:
            try:
                options = _options(remedy, file)
            except RequestError as error:
                untried.append(Untried(finding.id, remedy.title, str(error), remedy.code))
                continue
            before = found.get(repr(options))
            for_ = (*(before.findings if before else ()), finding.id)
            expects = before.expects if before else remedy.expects
            title = before.title if before else remedy.title
            found[repr(options)] = Trial("remedy", title, options, own, tuple(dict.fromkeys(for_)), expects)
    remedies = list(found.values())
    return Trials([Trial("no change", "no change", {}, own), control(file, remedies, own), *remedies], untried)


def _options(remedy: Remedy, file: RunFile) -> dict[str, Any]:
    if not remedy.patch:
        raise RequestError("no option does it")
    return options_of(remedy.patch, file)


def control(file: RunFile, remedies: Sequence[Trial], seeds: Sequence[int]) -> Trial:
    """A change that no finding asks for: all that chance decides is drawn anew, and batches are smaller by a quarter.

    Where a remedy is about the batch, chance alone.
    """
    batch = max(1, round(SMALLER_BATCH * file.training.batch))
    touched = {option for remedy in remedies for option in remedy.options}
    options = {} if "batch" in touched or batch == file.training.batch else {"batch": batch}
    what = f"other seeds, batch={batch}" if options else "other seeds"
    why = "weights, order and noise are drawn anew" + (", batches are a quarter smaller" if options else "")
    return Trial(
        "control",
        f"control: {what}",
        options,
        tuple(seed + APART for seed in seeds),
        why=f"{why}; nothing that a finding blames is changed: a remedy that does no better owes its gain to luck",
    )
