"""A sweep is a directory of runs, one for each combination of options and each seed, and a record of them all."""

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from understudy.errors import RunError
from understudy.files import read_json, write_json
from understudy.runs.compare import Spread, spread, spreads
from understudy.runs.directory import RunDirectory

FORMAT = 1
ROOT = Path("runs")
LONGEST = 100  # letters of a folder's name
LOSS = "loss"
SETTLED = ("finished", "diverged")
VALIDATION_SCORES = "validation_scores.json"


@dataclass(frozen=True)
class SweepDirectory:
    """Paths and small files of a sweep."""

    path: Path

    @property
    def record(self) -> Path:
        """sweep.json: what was asked for, and what came out."""
        return self.path / "sweep.json"

    @property
    def page(self) -> Path:
        """sweep.html: the table, with pictures."""
        return self.path / "sweep.html"

    def read(self) -> dict[str, Any]:
        """sweep.json.

        Raises:
            RunError: there is none, or it is damaged or of a later version.
        """
        try:
            record = read_json(self.record)
            version = record["format"]
        except FileNotFoundError:
            raise RunError(f"'{self.path}' is not a sweep: it has no sweep.json") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunError(f"cannot read {self.record}: {error!r}") from None
        if version != FORMAT:
            raise RunError(f"{self.record} has format {version}, this version reads {FORMAT}")
        return dict(record)

    def write(self, record: Mapping[str, Any]) -> None:
        """Write sweep.json whole."""
        self.path.mkdir(parents=True, exist_ok=True)
        write_json(self.record, {"format": FORMAT, **record})


def is_sweep(path: Path) -> bool:
    """Whether a directory holds a sweep."""
    return (path / "sweep.json").is_file()


def find_sweep(name: str | Path, root: Path = ROOT) -> Path | None:
    """A sweep by its directory, or by its name under `root`; None where neither is there."""
    return next((path for path in (Path(name), root / name) if is_sweep(path)), None)


@dataclass(frozen=True)
class Criterion:
    """What cells are ranked by, always on the validation split.

    Attributes:
        name: `loss`, or a score.
    """

    name: str
    better: Literal["low", "high"]

    def of(self, run: RunDirectory) -> float | None:
        """A finished run's value; None where there is none."""
        if self.name != LOSS:
            return (run.read_file(VALIDATION_SCORES) or {}).get(self.name)
        told = (event["loss"] for event in run.read_events() if event["event"] == "validation")
        losses = [terms[LOSS] for terms in told if LOSS in terms]
        if not losses:
            return None
        keeps_best = run.read()["config"]["training"]["early_stopping"] is not None
        return float(min(losses) if keeps_best else losses[-1])


@dataclass(frozen=True)
class Cell:
    """One run of a sweep: the options that set its row apart, and its seed."""

    options: Mapping[str, Any]
    seed: int

    @property
    def folder(self) -> str:
        """Its run's directory within the sweep's."""
        return f"{folder_name(self.options)}/seed-{self.seed}"

    def __str__(self) -> str:
        return ", ".join([*(f"{key}={short(value)}" for key, value in self.options.items()), f"seed {self.seed}"])


@dataclass(frozen=True)
class Outcome:
    """What became of a cell.

    Attributes:
        status: as a run's; `waiting` before it has begun.
        criterion: its value on the validation split.
        scores: on the test split.
    """

    seed: int
    folder: str
    status: str
    reason: str | None
    criterion: float | None
    scores: dict[str, float]


@dataclass(frozen=True)
class Row:
    """Cells that differ in their seed alone."""

    options: dict[str, Any]
    outcomes: list[Outcome]

    @property
    def criterion(self) -> Spread | None:
        """Mean and spread of the criterion over the seeds that have it."""
        return spread([found.criterion for found in self.outcomes if found.criterion is not None])

    @property
    def scores(self) -> dict[str, Spread]:
        """Mean and spread of each held-out score."""
        return spreads([found.scores for found in self.outcomes])

    @property
    def whole(self) -> bool:
        """Whether every seed's run finished."""
        return all(found.status == "finished" for found in self.outcomes)

    @property
    def over(self) -> bool:
        """Whether every seed's run has ended, well or not."""
        return all(found.status in (*SETTLED, "failed") for found in self.outcomes)

    @property
    def settled(self) -> bool:
        """Whether no seed's run could be gone on with."""
        return all(found.status in SETTLED for found in self.outcomes)


def folder_name(options: Mapping[str, Any]) -> str:
    """A name for a combination that differs from those of all others."""
    plain = ",".join(f"{key}={_exact(value)}" for key, value in options.items()) or "as-asked"
    safe = re.sub(r"[^A-Za-z0-9._=,+-]", "_", plain)
    if safe == plain and len(plain) <= LONGEST:
        return plain
    return f"{safe[:LONGEST]}-{hashlib.sha256(plain.encode()).hexdigest()[:8]}"


def short(value: Any) -> str:
    """An option's value as a label."""
    if isinstance(value, list | tuple):
        return "-".join(short(item) for item in value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _exact(value: Any) -> str:
    return "-".join(_exact(item) for item in value) if isinstance(value, list | tuple) else str(value)


def rows_of(
    directory: Path, combinations: Sequence[Mapping[str, Any]], seeds: Sequence[int], criterion: Criterion | None
) -> list[Row]:
    """What the run directories say, the best row first; in the order that was asked for where nothing is ranked."""
    rows = [
        Row(dict(options), [_outcome(directory, Cell(options, seed), criterion) for seed in seeds])
        for options in combinations
    ]
    return rows if criterion is None else sorted(rows, key=lambda row: _rank(row, criterion))


def _rank(row: Row, criterion: Criterion) -> tuple[bool, float]:
    """A row with a run that did not finish comes after all without: a mean over those that survived flatters it."""
    value = row.criterion
    if value is None or math.isnan(value.mean):
        return True, math.inf
    return not row.whole, value.mean if criterion.better == "low" else -value.mean


def _outcome(directory: Path, cell: Cell, criterion: Criterion | None) -> Outcome:
    run = RunDirectory(directory / cell.folder)
    if not run.record.is_file():
        return Outcome(cell.seed, cell.folder, "waiting", None, None, {})
    record = run.read()
    done = record["status"] == "finished"
    value = criterion.of(run) if criterion and done else None
    return Outcome(cell.seed, cell.folder, record["status"], record["reason"], value, run.scores if done else {})
