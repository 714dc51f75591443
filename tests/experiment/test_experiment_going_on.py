"""A run that was stopped goes on to the same end, or says why it cannot."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from small_runs import StopsAt, timeless, train

import understudy as us
from understudy.doctor import journal
from understudy.doctor.signals import Row
from understudy.errors import OptionError, RunError


def signals(run: us.Run) -> list[Row]:
    """What the first steps' samples, which no clock decides on, have left."""
    rows, _, disabled = journal.read(run.path / journal.NAME)
    assert disabled == {}
    return [row for row in rows if row[1] in ("gradient", "update_ratio", "first_loss", "constant") and row[0] <= 4]


def test_a_stopped_run_goes_on_to_the_same_end(array: NDArray[np.float32]) -> None:
    whole = train(array)
    run = train(array, observers=[StopsAt(3)])
    assert (run.status, run.record["reason"], run.record["step"]) == ("interrupted", "stopped by SIGINT", 3)
    assert run.scores == {}
    done = us.resume(run.path, data=array, quiet=True)
    assert (done.status, done.record["reason"]) == ("finished", None)
    assert timeless(done) == timeless(whole)
    assert signals(done) == signals(whole)
    assert all(torch.equal(a, b) for a, b in zip(done.model.parameters(), whole.model.parameters(), strict=True))
    before = done.directory.record.read_bytes()
    assert us.resume(run.path).status == "finished"
    assert done.directory.record.read_bytes() == before


def test_data_that_changed_is_refused(file: Path, array: NDArray[np.float32]) -> None:
    run = train(file, observers=[StopsAt(3)])
    finished = train(file)
    np.save(file, array + 1)
    scores = finished.scores
    for act in (us.resume, us.evaluate):
        with pytest.raises(RunError, match="has changed since the run began"):
            act(run.path)
    with pytest.raises(RunError, match="has changed since the run began"):
        us.evaluate(finished.path)
    assert finished.scores == scores
    assert us.load(run.path).status == "interrupted"
    np.save(file, array)
    assert us.resume(run.path, quiet=True).status == "finished"


def test_other_arrays_are_no_way_to_go_on(array: NDArray[np.float32]) -> None:
    run = train(array, observers=[StopsAt(3)])
    with pytest.raises(RunError, match="pass the same ones, data="):
        us.resume(run.path)
    with pytest.raises(RunError, match="has changed since the run began"):
        us.resume(run.path, data=array * 2)
    assert us.load(run.path).status == "interrupted"


def test_a_damaged_checkpoint_is_said_and_changes_nothing(array: NDArray[np.float32]) -> None:
    run = train(array, observers=[StopsAt(3)])
    run.directory.checkpoint.write_bytes(run.directory.checkpoint.read_bytes()[:500])
    with pytest.raises(RunError, match="cannot read checkpoint"):
        us.resume(run.path, data=array)
    assert us.load(run.path).status == "interrupted"


def test_a_run_that_is_being_trained_is_left_alone(array: NDArray[np.float32]) -> None:
    run = train(array, observers=[StopsAt(3)])
    with run.directory.locked(), pytest.raises(RunError, match="is being trained by another process"):
        us.resume(run.path, data=array)


def test_a_run_from_a_gpu_goes_on_and_is_used_on_a_processor(array: NDArray[np.float32]) -> None:
    whole, run = train(array), train(array, observers=[StopsAt(3)])
    for it in (whole, run):
        it.directory.update(device="cuda:0")
    assert np.isfinite(us.load(whole.path).sample(2)).all()
    done = us.resume(run.path, data=array, device="cpu", quiet=True)
    assert (done.status, done.record["device"]) == ("finished", "cpu")
    assert all(torch.equal(a, b) for a, b in zip(done.model.parameters(), whole.model.parameters(), strict=True))


def test_a_run_on_a_device_that_is_gone_says_so(array: NDArray[np.float32]) -> None:
    run = train(array, observers=[StopsAt(3)])
    run.directory.update(device="cuda:99")
    with pytest.raises(OptionError, match="device 'cuda:99' cannot be used here"):
        us.resume(run.path, data=array)
