from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from understudy.data.conform import load_for
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.errors import OptionError


@pytest.mark.parametrize("memory", ["keep", "stream"])
def test_so_many_training_pictures_and_all_others(pictures: Callable[..., Path], tmp_path: Path, memory: str) -> None:
    pictures(tmp_path, 40)
    whole = load(tmp_path, DataOptions(memory=memory))
    data = load(tmp_path, DataOptions(memory=memory, train_items=7))
    assert data.sizes == {**whole.sizes, "train": 7}
    every, few = (it.train.take(torch.arange(len(it.train))) for it in (whole, data))
    places = [int((every.x == x).flatten(1).all(1).nonzero()[0, 0]) for x in few.x]
    assert places == sorted(set(places))


def test_the_split_seed_draws_them_with_their_classes() -> None:
    first, again, other = (load("digits", DataOptions(train_items=50, split_seed=seed)).train for seed in (0, 0, 1))
    assert torch.equal(first.x, again.x) and not torch.equal(first.x, other.x)
    whole = load("digits").train
    for x, y in zip(first.x, first.y, strict=True):
        assert (whole.x[whole.y == y] == x).flatten(1).all(1).any()


def test_a_class_may_be_left_out_as_well_and_other_data_is_scored_whole() -> None:
    data = load("digits", DataOptions(train_items=50, leave_out="3"))
    assert len(data.train) == 50 and len(data.spec.classes) == 9
    assert load_for("digits", load("digits").spec, DataOptions(train_items=5), whole=True).sizes["test"] == 1797


def test_there_must_be_so_many_and_they_must_be_pictures() -> None:
    with pytest.raises(OptionError, match="'digits' has 1294 training items"):
        load("digits", DataOptions(train_items=1295))
    with pytest.raises(OptionError, match="train_items goes with pictures"):
        load("rings", DataOptions(train_items=5))
