"""A run directory as the report sees it: plain JSON, no network is loaded."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from understudy.errors import RunError
from understudy.report.history import History, read_history

FORMAT = 1


@dataclass(frozen=True)
class RunFiles:
    """What a run wrote; `scores` and `findings` are None while nothing has computed them."""

    directory: Path
    run: dict[str, Any]
    scores: dict[str, float] | None
    findings: list[dict[str, Any]] | None
    figures: list[dict[str, Any]]
    history: History

    @property
    def name(self) -> str:
        """The run's name."""
        return str(self.run.get("name") or self.directory.resolve().name)

    @property
    def status(self) -> str:
        """Where the run stands, such as 'finished'."""
        return str(self.run.get("status", "unknown"))

    @property
    def seconds(self) -> float:
        """Training time: as scored, else until the last event."""
        return (self.scores or {}).get("train_seconds", self.history.seconds)


def read_run(directory: Path) -> RunFiles:
    """Read a run directory.

    Raises:
        RunError: there is no run, or one of its files cannot be read.
    """
    run = read_json(directory / "run.json", dict)
    if run is None:
        raise RunError(f"{directory} is not a run: it has no run.json. Give a directory that `understudy train` made.")
    if run.get("format", FORMAT) != FORMAT:
        raise RunError(f"{directory / 'run.json'} has format {run['format']}; this version reads format {FORMAT}.")
    events = directory / "events.jsonl"
    lines = events.read_text("utf-8", errors="replace").splitlines(keepends=True) if events.exists() else []
    return RunFiles(
        directory=directory,
        run=run,
        scores=_scores(directory / "scores.json"),
        findings=read_json(directory / "findings.json", list),
        figures=read_json(directory / "figures" / "index.json", list) or [],
        history=read_history(lines),
    )


def read_json(path: Path, kind: type) -> Any:
    """The file's value, or None if there is no file.

    Raises:
        RunError: the file is not JSON of this kind.
    """
    if not path.exists():
        return None
    try:
        value = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise RunError(f"{path} is not readable JSON ({error}). Restore or delete it.") from error
    if not isinstance(value, kind):
        raise RunError(f"{path} holds a {type(value).__name__}; it must hold a {kind.__name__}.")
    return value


def _scores(path: Path) -> dict[str, float] | None:
    scores = read_json(path, dict)
    return None if scores is None else {name: _score(path, name, value) for name, value in scores.items()}


def _score(path: Path, name: str, value: Any) -> float:
    if value is None:
        return math.nan
    if not isinstance(value, int | float):
        raise RunError(f"{path}: '{name}' is {value!r}; a score is a number.")
    return float(value)
