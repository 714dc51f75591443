"""fix.json: what was found, what was tried, and what came out."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from understudy.cures.effect import effects
from understudy.cures.judging import OVER, beaten_by, cost, wins
from understudy.cures.trial import Trial, Trials
from understudy.doctor.finding import Finding
from understudy.runs.compare import spread
from understudy.runs.sweep import Criterion, Outcome, Row

WON = "wins"


def findings_of(findings: Sequence[Finding], trials: Trials) -> list[dict[str, Any]]:
    """Each finding, with what no run can show: why, and what to do by hand."""
    tried = {id_ for trial in trials.remedies for id_ in trial.findings}
    return [
        {
            **finding.to_json(),
            "curable": finding.id in tried,
            "untried": [asdict(remedy) for remedy in trials.untried if remedy.finding == finding.id],
        }
        for finding in findings
    ]


def trials_of(
    folder: Path, trials: Trials, rows: Sequence[Row], findings: Sequence[Finding], criterion: Criterion
) -> list[dict[str, Any]]:
    """Each trial with its runs; `rows` in the order of the trials."""
    references = [row for trial, row in zip(trials.tried, rows, strict=True) if trial.kind != "remedy"]
    return [
        {
            **asdict(trial),
            "mean": found.mean if (found := spread(_values(row))) else None,
            "deviation": found.deviation if found and math.isfinite(found.deviation) else None,
            "verdict": _verdict(trial, row, references, trials, criterion),
            "runs": [_run(folder, outcome, trial, findings) for outcome in row.outcomes],
        }
        for trial, row in zip(trials.tried, rows, strict=True)
    ]


def _values(row: Row) -> list[float]:
    values = [outcome.criterion for outcome in row.outcomes if outcome.criterion is not None]
    return [value for value in values if math.isfinite(value)]


def _run(folder: Path, outcome: Outcome, trial: Trial, findings: Sequence[Finding]) -> dict[str, Any]:
    about = [finding for finding in findings if finding.id in trial.findings or not trial.findings]
    seen = effects(folder / outcome.folder, about) if outcome.status in OVER else {}
    value = outcome.criterion
    return {
        "seed": outcome.seed,
        "folder": outcome.folder,
        "status": outcome.status,
        "reason": outcome.reason,
        "criterion": value if value is not None and math.isfinite(value) else None,
        "effects": {id_: asdict(effect) for id_, effect in seen.items()},
    }


def _verdict(trial: Trial, row: Row, references: Sequence[Row], trials: Trials, criterion: Criterion) -> str:
    """In words; empty of what remedies are held against."""
    if trial.kind != "remedy":
        return ""
    if wins(row, references, criterion):
        return WON
    better = beaten_by(row, references, criterion)
    if better is None:
        return "not done"
    if any(outcome.status in OVER and math.isinf(cost(outcome, criterion)) for outcome in row.outcomes):
        return "does not finish"
    kind = next(one.kind for one, other in zip(trials.references, references, strict=True) if other is better)
    return f"no better than {'the control' if kind == 'control' else kind}"
