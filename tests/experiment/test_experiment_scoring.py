"""A run is scored again, on its own data or on other."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from small_runs import StopsAt, train

import understudy as us
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.errors import DataError, OptionError, UnknownName


def test_scoring_again_gives_the_same_scores_and_other_data_leaves_them(file: Path) -> None:
    run = train(file)
    scores, modified = run.scores, (run.path / "scores.json").stat().st_mtime_ns
    np.save("other.npy", np.random.RandomState(0).normal(size=(40, 2)))
    others = us.evaluate(run.path, data="other.npy")
    assert others["mse"] != scores["mse"]
    assert (run.path / "scores.json").stat().st_mtime_ns == modified
    (run.path / "scores.json").unlink()
    assert us.evaluate(run.path) == scores == run.scores
    np.save("wide.npy", np.zeros((40, 3)))
    with pytest.raises(DataError, match="was trained on rows of 2 values"):
        us.evaluate(run.path, data="wide.npy")


def test_the_validation_split_is_scored_to_choose_by_and_the_test_split_is_left_out_of_it(
    array: NDArray[np.float32],
) -> None:
    np.save("rows.npy", array)
    run = train("rows.npy")
    before = (run.path / "scores.json").read_bytes()
    chosen = us.evaluate(run.path, split="validation")
    assert chosen["mse"] != run.scores["mse"]
    validation = load("rows.npy", DataOptions()).validation
    x = validation.take(torch.arange(len(validation))).x
    with torch.no_grad():
        copies = run.model.reconstruct(x)
    assert chosen["mse"] == pytest.approx((copies - x).square().mean().item(), rel=1e-5)
    assert (run.path / "scores.json").read_bytes() == before
    with pytest.raises(UnknownName, match=r"'train'.*Known: test, validation"):
        us.evaluate(run.path, split="train")
    with pytest.raises(OptionError, match="other data is scored whole"):
        us.evaluate(run.path, data="rows.npy", split="validation")


def test_a_killed_run_can_be_scored_without_inventing_its_costs(file: Path) -> None:
    run = train(file, observers=[StopsAt(3)])
    record: Mapping[str, Any] = json.loads(run.directory.record.read_text())
    kept = {key: value for key, value in record.items() if key != "train_seconds"}
    run.directory.record.write_text(json.dumps({**kept, "status": "running", "ended": None, "step": 0}))
    scores = us.evaluate(run.path)
    assert "mse" in scores
    assert not {"train_seconds", "steps"} & set(scores)
