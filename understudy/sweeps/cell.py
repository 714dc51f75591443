"""One cell of a sweep: trained, gone on with, or left as it is, and judged on the validation split.

As a program, `python -m understudy.sweeps.cell SWEEP FOLDER`, it does so in a process of its own.
"""

import os
import shutil
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from understudy.errors import RunError
from understudy.evaluation import evaluate
from understudy.experiment import Source, read_data, resume, train
from understudy.files import write_json
from understudy.run import Run
from understudy.runs.directory import RunDirectory
from understudy.runs.runfile import resolve
from understudy.runs.sweep import LOSS, VALIDATION_SCORES, Cell, Criterion, SweepDirectory
from understudy.sweeps.plan import Plan

WATCHED_EVERY = 1.0  # seconds between two looks at whether the sweep's process lives


def settle(
    directory: Path, plan: Plan, cell: Cell, criterion: Criterion | None, data: Source | None, quiet: bool
) -> None:
    """Bring a cell to its end, from wherever it is; it may be interrupted, or diverge.

    Raises:
        UnderstudyError: as of `train` and `resume`.
    """
    run = RunDirectory(directory / cell.folder)
    if not run.record.is_file():
        if run.path.is_dir():  # killed before its record was written
            shutil.rmtree(run.path)
        config = plan.file(dict(cell.options), cell.seed).to_json()
        train(data=data, config=config, out=run.path, quiet=quiet)
    elif run.read()["status"] not in ("finished", "diverged"):
        resume(run.path, data=data, quiet=quiet)
    if run.read()["status"] == "finished" and needs_judging(run, criterion):
        _judge(Run(run.path), data)


def needs_judging(run: RunDirectory, criterion: Criterion | None) -> bool:
    """Whether a finished run still lacks the scores on the validation split that cells are ranked by."""
    return criterion is not None and criterion.name != LOSS and run.read_file(VALIDATION_SCORES) is None


def _judge(run: Run, data: Source | None) -> None:
    file = resolve(run.record["config"], {})
    dataset = read_data(file, data)
    held = replace(dataset, test=dataset.validation)
    write_json(run.path / VALIDATION_SCORES, evaluate(run.model, held, file.seed))


def _leave_with(parent: int) -> None:
    """When the sweep's process is gone, stop as at Ctrl-C: the next one goes on from the checkpoint."""
    while os.getppid() == parent:
        time.sleep(WATCHED_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)


def _main(sweep: Path, folder: str) -> None:
    threading.Thread(target=_leave_with, args=(os.getppid(),), daemon=True).start()
    record = SweepDirectory(sweep).read()
    criterion = Criterion(**record["criterion"]) if record["criterion"] else None
    cells = [Cell(row["options"], found["seed"]) for row in record["rows"] for found in row["runs"]]
    cell = next((it for it in cells if it.folder == folder), None)
    if cell is None:
        raise RunError(f"'{sweep}' has no cell '{folder}'")
    settle(sweep, Plan.from_json(record["plan"]), cell, criterion, None, quiet=True)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), sys.argv[2])
