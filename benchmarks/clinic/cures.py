"""Are curable faults cured? Each is trained with its mistake, `understudy fix` is asked, and the cure is judged.

    python -m benchmarks.clinic.cures choose --minutes 10

from the root of the checkout writes a line of JSON for each fault to `clinic/cures/SET.jsonl`; interrupted, it goes on
where it was. `--keep` writes what is there to benchmarks/results/clinic/cures.json, for the documentation.

A curable fault is one whose mistake is in the run file, or can be undone by an option of it; where it is done to the
session, as by weights that begin far off, it is done in every trial too: nobody has mended the code. The healthy
control is the same run file without the mistake, over the same seeds.

All scores are of the validation split, the one that `fix` itself judges by, as means over the seeds. With the score
turned so that lower is better, a fault counts as cured where `fix` has kept a remedy whose score c is

    c <= h + 0.05 |h|           within 5% of the control's score h, or
    s - c >= 0.95 (s - h)       at least 95% of the way from the faulty run's score s to it,

of which the second is not asked where the faulty run has no score, having diverged.
"""

import argparse
import json
import math
import shutil
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import understudy as us
from benchmarks.clinic.cells import one_thread
from benchmarks.clinic.fault import Fault, House
from benchmarks.clinic.faults import TABLE
from benchmarks.clinic.recipe import SETS, Recipe
from benchmarks.machine import describe
from understudy import experiment
from understudy.cures.result import Fix
from understudy.data.dataset import Dataset
from understudy.runs.runfile import RunFile
from understudy.training.session import Session

FOLDER = Path("clinic") / "cures"
KEPT = Path(__file__).parents[1] / "results" / "clinic" / "cures.json"
NEAR, WAY = 0.05, 0.95
Row = dict[str, Any]


def curable() -> dict[str, Fault]:
    """By name; those whose data are spoilt are none."""
    return {name: fault for name, fault in TABLE.items() if fault.curable and isinstance(fault.case, House)}


def reached(cured: float, healthy: float, sick: float | None, better: str) -> bool:
    """Whether a score is as good as the control's; see above."""
    c, h = (cured, healthy) if better == "low" else (-cured, -healthy)
    if c <= h + NEAR * abs(h):
        return True
    s = None if sick is None else sick if better == "low" else -sick
    return s is not None and s > h and s - c >= WAY * (s - h)


@contextmanager
def planted(fault: Fault, set_: str) -> Iterator[None]:
    """Within the block every training begins with the mistake, where that is done to the session."""
    case = fault.case
    assert isinstance(case, House)
    plant, real = case.plant, experiment.begin

    def begin(file: RunFile, dataset: Dataset) -> Session:
        session = real(file, dataset)
        draw = fault.draw(set_, 0)
        case.recipe(draw, sick=True)  # what chance decides comes in the same order
        if plant:
            plant(session, draw)
        return session

    with mock.patch.object(experiment, "begin", begin):
        yield


def train(recipe: Recipe, seed: int, out: Path) -> us.Run:
    """A run of a recipe, with another seed; one that is there already, whole, is not trained again."""
    if (out / "run.json").is_file() and us.load(out).status in ("finished", "diverged"):
        return us.load(out)
    shutil.rmtree(out, ignore_errors=True)
    settings = {**recipe.settings, "film": 0}
    return us.train(recipe.network, recipe.data, seed=seed, out=out, quiet=True, settings=settings)


def controls(recipe: Recipe, seeds: Sequence[int], folder: Path, score: str) -> list[float]:
    """The healthy runs' scores on the validation split."""
    runs = [train(recipe, seed, folder / f"control-{seed}") for seed in seeds]
    return [us.evaluate(run.path, split="validation")[score] for run in runs]


def try_to_cure(fault: Fault, set_: str, seeds: int, folder: Path) -> Row:
    """One fault: the faulty run, its fix, and the controls."""
    case = fault.case
    assert isinstance(case, House)
    sick, well = (case.recipe(fault.draw(set_, 0), sick=mistaken) for mistaken in (True, False))
    with planted(fault, set_):
        run = train(sick, sick.seed, folder / "sick")
        found = us.fix(run, seeds=seeds, out=folder / "fix", quiet=True)
    told = [finding["id"] for finding in found.record["findings"]]
    row: Row = {"fault": fault.name, "findings": told, "status": found.status, "seeds": seeds, "cured": False}
    if not found.record["trials"]:
        return row
    return row | _compared(found, well, [sick.seed + number for number in range(seeds)], folder)


def _compared(found: Fix, well: Recipe, seeds: Sequence[int], folder: Path) -> Row:
    """The kept remedy beside the faulty runs, the control change and the healthy controls."""
    score, better = found.record["criterion"]["name"], found.record["criterion"]["better"]
    trials = found.record["trials"]
    by_kind = {trial["kind"]: trial for trial in trials if trial["kind"] != "remedy"}
    kept = found.record["cured"]
    best = next((trial for trial in trials if kept and trial["options"] == kept["options"]), None)
    healthy = controls(well, seeds, folder, score)
    row: Row = {
        "score": score, "better": better, "healthy": healthy, "sick": _values(by_kind["no change"]),
        "control_change": _values(by_kind["control"]), "remedy": None, "options": None, "remedied": [],
        "tried": {trial["title"]: trial["verdict"] for trial in trials if trial["kind"] == "remedy"},
    }  # fmt: skip
    if best is None:
        return row
    remedied = _values(best)
    sick = statistics.fmean(row["sick"]) if row["sick"] else None
    row |= {"remedy": best["title"], "options": best["options"], "remedied": remedied}
    return row | {"cured": reached(statistics.fmean(remedied), statistics.fmean(healthy), sick, better)}


def _values(trial: Mapping[str, Any]) -> list[float]:
    return [run["criterion"] for run in trial["runs"] if run["criterion"] is not None]


def equalled(row: Row) -> bool:
    """Whether a seed of no change or of the control change is as good as one of the remedy that was kept."""
    sign = 1 if row.get("better") == "low" else -1
    others = [sign * value for value in (*row.get("sick", ()), *row.get("control_change", ()))]
    return bool(row.get("remedied")) and max(sign * value for value in row["remedied"]) >= min(others, default=math.inf)


def rows_of(path: Path) -> list[Row]:
    """What is there so far."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []


def tally(rows: Sequence[Row]) -> Row:
    """How many were cured, and how many cures a control change equals."""
    return {"cured": sum(row["cured"] for row in rows), "of": len(rows), "equalled": sum(map(equalled, rows))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", choices=SETS)
    parser.add_argument("--seeds", type=int, default=2, help="of every change, and of the controls")
    parser.add_argument("--only", action="append", default=[], help="faults; unset: all that are curable")
    parser.add_argument("--minutes", type=float, default=10, help="after which no fault is begun")
    parser.add_argument("--keep", action="store_true", help="write benchmarks/results/clinic/cures.json")
    asked = parser.parse_args()
    one_thread()
    path = FOLDER / f"{asked.set}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + 60 * asked.minutes
    done = {row["fault"] for row in rows_of(path)}
    for name, fault in curable().items():
        if name in done or (asked.only and name not in asked.only) or time.monotonic() > end:
            continue
        row = try_to_cure(fault, asked.set, asked.seeds, FOLDER / asked.set / name)
        print(json.dumps(row), flush=True)
        with path.open("a") as file:
            file.write(json.dumps(row) + "\n")
    rows = rows_of(path)
    left = sorted(set(curable()) - {row["fault"] for row in rows})
    print(tally(rows), "left:", ", ".join(left) or "none", file=sys.stderr)
    if asked.keep:
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        told = {
            "set": asked.set,
            **tally(rows),
            "left": left,
            "rows": rows,
            "machine": describe(),
            "date": str(date.today()),
        }
        KEPT.write_text(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
