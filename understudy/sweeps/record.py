"""sweep.json: what was asked for and what came out, kept up to date while a sweep runs."""

import hashlib
import json
import math
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from understudy.errors import RunError
from understudy.runs.compare import Spread
from understudy.runs.sweep import ROOT, Cell, Row, SweepDirectory, is_sweep
from understudy.sweeps.plan import Checked, Options, Plan


def record_of(
    plan: Plan, checked: Checked, combinations: Sequence[Options], rows: Sequence[Row], status: str
) -> dict[str, Any]:
    """The whole record, as plain values; each row has its number in the order of asking."""
    return {
        "status": status,
        "command": shlex.join(["understudy", *sys.argv[1:]]) if Path(sys.argv[0]).stem == "understudy" else None,
        "data": {"name": checked.data, "fingerprint": checked.fingerprint},
        "budget": checked.budget,
        "criterion": asdict(checked.criterion) if checked.criterion else None,
        "note": checked.note,
        "plan": plan.to_json(),
        "rows": [{"number": combinations.index(row.options), **_row(row)} for row in rows],
    }


def trials_of(directory: SweepDirectory) -> list[Options]:
    """The combinations of earlier sittings, in their order."""
    rows = directory.read()["rows"] if is_sweep(directory.path) else []
    return [row["options"] for row in sorted(rows, key=lambda row: row["number"])]


def _row(row: Row) -> dict[str, Any]:
    return {
        "options": row.options,
        "criterion": _spread(row.criterion),
        "scores": {name: _spread(found) for name, found in row.scores.items()},
        "runs": [{**asdict(found), "criterion": _finite(found.criterion)} for found in row.outcomes],
    }


def _spread(found: Spread | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"mean": _finite(found.mean), "deviation": _finite(found.deviation), "seeds": found.seeds}


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def place(plan: Plan, network: str, data: str) -> Path:
    """Where a sweep is kept that was given no directory: the same request has the same place, so that it goes on."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{Path(network).stem}-{Path(data).stem}").strip("-")
    told = {**plan.to_json(), "sweep": {**plan.to_json()["sweep"], "by": None}}  # ranking otherwise trains nothing anew
    return ROOT / f"sweep-{stem}-{hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:6]}"


def refuse_another(directory: SweepDirectory, plan: Plan, checked: Checked, combinations: Sequence[Options]) -> None:
    """A directory goes on with its own sweep, which may have grown by values or seeds, and with no other.

    Raises:
        RunError: it has another sweep, or something else.
    """
    if not is_sweep(directory.path):
        if directory.path.is_dir() and any(it.name != ".lock" for it in directory.path.iterdir()):
            raise RunError(f"'{directory.path}' exists and is no sweep; choose another --out")
        return
    record = directory.read()
    if Plan.from_json(record["plan"]).base != plan.base:
        raise RunError(f"'{directory.path}' has a sweep of other settings or budget; choose another --out")
    if record["data"]["fingerprint"] != checked.fingerprint:
        raise RunError(f"the data '{checked.data}' has changed since '{directory.path}' began; choose another --out")
    if plan.sweep.search:  # its trials follow from the base
        return
    asked = {Cell(options, seed).folder for options in combinations for seed in range(plan.sweep.seeds)}
    lost = [run["folder"] for row in record["rows"] for run in row["runs"] if run["folder"] not in asked]
    if lost:
        raise RunError(f"'{directory.path}' has '{lost[0]}', which is not asked for now; choose another --out")
