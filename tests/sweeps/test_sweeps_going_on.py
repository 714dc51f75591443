"""A sweep that was stopped, that grows, and whose cells are processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import made
import numpy as np
import pytest
from small_sweeps import toys

import understudy as us
from understudy.errors import RunError
from understudy.runs.directory import RunDirectory
from understudy.runs.sweep import folder_name
from understudy.sweeps import cell as cells
from understudy.training import loop
from understudy.training.session import Session

pytestmark = pytest.mark.usefixtures("rows")


def test_the_same_request_goes_on_and_a_done_one_trains_nothing(begun: list[str]) -> None:
    first = toys(vary={"learning_rate": [1.0, 0.5]})
    assert len(begun) == 2
    again = toys(vary={"learning_rate": [1.0, 0.5]})
    assert len(begun) == 2
    assert again.path == first.path
    assert toys(vary={"learning_rate": [1.0, 0.25]}).path != first.path


def test_a_sweep_grows_by_values_and_seeds_and_keeps_what_it_has(begun: list[str]) -> None:
    toys(vary={"learning_rate": [1.0]}, out="mine")
    begun.clear()
    found = toys(vary={"learning_rate": [1.0, 0.5]}, seeds=2, out="mine")
    assert sorted(begun) == ["learning_rate=0.5/seed-0", "learning_rate=0.5/seed-1", "learning_rate=1.0/seed-1"]
    assert [len(row.outcomes) for row in found.rows] == [2, 2]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"budget": "5steps"}, "other settings or budget"),
        ({"batch": 8}, "other settings or budget"),
        ({"vary": {"learning_rate": [0.5]}}, "has 'learning_rate=1.0/seed-0', which is not asked for now"),
    ],
)
def test_a_directory_goes_on_with_no_other_sweep(change: dict[str, Any], told: str) -> None:
    request = {"vary": {"learning_rate": [1.0]}, "out": "mine"}
    toys(**request)
    with pytest.raises(RunError, match=told):
        toys(**{**request, **change})
    Path("full").mkdir()
    Path("full/notes.txt").write_text("mine")
    with pytest.raises(RunError, match="is no sweep"):
        toys(**{**request, "out": "full"})


def test_data_that_changed_is_refused() -> None:
    toys(vary={"learning_rate": [1.0]}, out="mine")
    np.save("rows.npy", np.load("rows.npy") + 1)
    with pytest.raises(RunError, match="has changed since 'mine' began"):
        us.resume_sweep("mine", quiet=True)


def test_ctrl_c_in_a_cell_stops_the_sweep_and_it_goes_on_from_the_checkpoint(
    monkeypatch: pytest.MonkeyPatch, begun: list[str]
) -> None:
    request = {"vary": {"learning_rate": [1.0, 0.5, 0.25]}, "budget": "6steps", "out": "mine"}
    real, steps = loop.step, list[int]()

    def interrupt(session: Session, *rest: Any) -> None:
        steps.append(session.progress.step)
        if session.progress.step == 2 and len(begun) == 2:
            signal.raise_signal(signal.SIGINT)
        real(session, *rest)

    monkeypatch.setattr(loop, "step", interrupt)
    stopped = toys(**request)
    assert stopped.status == "interrupted"
    assert len(begun) == 2
    half = us.load(stopped.path / "learning_rate=0.5/seed-0")
    assert (half.status, half.record["step"]) == ("interrupted", 3)
    steps.clear()
    done = us.resume_sweep("mine", quiet=True)
    assert done.status == "finished"
    assert steps == [3, 4, 5, *range(6)]
    errors = {row.options["learning_rate"]: row.scores["mse"].mean for row in done.rows}
    assert errors == pytest.approx({0.25: 2.25, 0.5: 9, 1.0: 36})


def test_ctrl_c_between_cells_stops_the_sweep_too(monkeypatch: pytest.MonkeyPatch, begun: list[str]) -> None:
    def pressed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as at_judging:
        at_judging.setattr(cells, "_judge", pressed)
        assert toys(vary={"learning_rate": [1.0, 0.5]}, out="mine").status == "interrupted"
    assert begun == ["learning_rate=1.0/seed-0"]
    assert us.resume_sweep("mine", quiet=True).status == "finished"


def test_a_cell_killed_before_its_record_begins_anew() -> None:
    folder = Path("mine") / folder_name({"learning_rate": 1.0}) / "seed-0"
    toys(vary={"learning_rate": [0.5]}, out="mine")
    folder.mkdir(parents=True)
    (folder / "model.json").write_text("{}")
    found = toys(vary={"learning_rate": [0.5, 1.0]}, out="mine")
    assert {outcome.status for row in found.rows for outcome in row.outcomes} == {"finished"}


def test_two_processes_do_not_sweep_the_same_directory() -> None:
    toys(vary={"learning_rate": [1.0]}, out="mine")
    with RunDirectory(Path("mine")).locked(), pytest.raises(RunError, match="being trained by another process"):
        us.resume_sweep("mine", quiet=True)


# Processes


def test_jobs_give_the_same_table() -> None:
    found = us.sweep(
        f"{made.__file__}:Toy",
        "rows.npy",
        vary={"learning_rate": [1.0, 0.5]},
        budget="4steps",
        by="mse",
        jobs=2,
        quiet=True,
    )
    assert found.status == "finished"
    alone = toys(vary={"learning_rate": [1.0, 0.5]})
    assert [row.criterion for row in found.rows] == [row.criterion for row in alone.rows]
    assert us.load(found.path / found.rows[0].outcomes[0].folder).record["threads"] == 1


ENDLESS = [
    "sweep", "vae", "--data", "digits", "--vary", "learning_rate=1e-3", "--budget", "50000steps", "--jobs", "2",
    "--out", "mine", "--quiet", "--set", "checkpoint_seconds=1000", "--set", "log_every=1",
]  # fmt: skip


@contextmanager
def started() -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A sweep in a process of its own, whose cell has come further than any before; it does not outlive the block."""
    run = Path("mine/learning_rate=0.001/seed-0")
    before = (run / "events.jsonl").stat().st_size if (run / "events.jsonl").is_file() else 0
    words = [sys.executable, "-m", "understudy", *ENDLESS]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        wait_for(lambda: (run / "events.jsonl").is_file() and (run / "events.jsonl").stat().st_size > before)
        yield process, run
    finally:
        process.kill()  # which its cell's process notices
        process.wait()


def test_a_killed_sweeps_processes_save_and_stop_and_ctrl_c_reaches_them_through_it() -> None:
    with started() as (_, run):
        pass
    wait_for(lambda: us.load(run).status == "interrupted")
    step = us.load(run).record["step"]
    assert us.Sweep("mine").status == "running"
    with started() as (process, run):
        os.kill(process.pid, signal.SIGINT)
        told, _ = process.communicate()
    assert process.returncode == 0, told
    assert "interrupted; go on with `understudy resume mine`" in told
    assert us.load(run).status == us.Sweep("mine").status == "interrupted"
    assert us.load(run).record["step"] > step


def wait_for(true: Callable[[], bool], seconds: float = 600.0) -> None:
    """As long as a very busy machine takes."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)
