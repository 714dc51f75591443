"""The adding problem and copying: what is asked, drawn anew each epoch, and held out once and for all."""

import numpy as np
import pytest
import torch

from understudy.data.conform import load_for
from understudy.data.memory_problems import EPOCH, FreshItems, adding, copying
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.data.spec import SequenceSpec, spec_from_json, spec_to_json
from understudy.errors import DataError, OptionError


def stream(seed: int = 0) -> np.random.RandomState:
    return np.random.RandomState(seed)


def test_adding_asks_for_the_sum_of_the_marked_two() -> None:
    x, y = adding(500, 11, stream())
    assert x.shape == (500, 11, 2)
    numbers, markers = x.unbind(2)
    assert markers.sum(1).eq(2).all()
    assert markers[:, :5].sum(1).eq(1).all()
    assert markers[:, 5:].sum(1).eq(1).all()
    assert markers.sum(0).gt(0).all()  # every place is marked at times
    torch.testing.assert_close((numbers * markers).sum(1), y)
    assert numbers.min() >= 0
    assert numbers.max() <= 1


def test_copying_asks_for_the_ten_after_the_wait() -> None:
    x, y = copying(50, 7, stream())
    assert x.shape == (50, 27, 10)
    tokens = x.argmax(2)
    assert x.sum(2).eq(1).all()
    assert tokens[:, :10].lt(8).all()
    assert tokens[0, 10:].tolist() == [8] * 6 + [9] + [8] * 10  # a wait of 7 whose last token asks, then room
    assert torch.equal(y[:, -10:], tokens[:, :10])
    assert y[:, :-10].eq(8).all()
    assert len(tokens[:, :10].unique()) == 8


@pytest.mark.parametrize("name", ["adding", "copy-memory"])
def test_an_epoch_has_other_items_than_any_other_and_comes_again_with_its_seed(name: str) -> None:
    data = load(name, DataOptions(length=6))
    train = data.train
    assert isinstance(train, FreshItems)

    def drawn(seed: int, epoch: int, start: int = 0) -> list[torch.Tensor]:
        stream = train.batches(4000, seed, epoch, start)
        return [batch.x for batch in stream]

    first, again = drawn(1, 1), drawn(1, 1)
    assert [len(x) for x in first] == [4000, 4000, 2000]
    assert train.batch_count(4000) == 3 and len(train) == EPOCH
    assert all(torch.equal(mine, its) for mine, its in zip(first, again, strict=True))
    assert torch.equal(first[1], drawn(1, 1, 1)[0])  # resumed at its second batch
    held = [data.validation.take(torch.arange(20)).x, data.test.take(torch.arange(20)).x]
    few = [x[:20] for x in (*first, *drawn(1, 2), *drawn(2, 1))] + held + [train.take(torch.arange(20)).x]
    assert all(not torch.equal(one, other) for place, one in enumerate(few) for other in few[:place])


def test_what_is_held_out_is_the_same_each_time() -> None:
    data, again = load("adding"), load("adding")
    assert data.sizes == {"train": 10_000, "validation": 500, "test": 2_000}
    index = torch.tensor([1999, 3])
    assert torch.equal(data.test.take(index).x, again.test.take(index).x)
    assert data.fingerprint == again.fingerprint != load("adding", DataOptions(length=50)).fingerprint
    train = data.train.take(torch.tensor([5, 2]))
    assert torch.equal(train.x[1], next(iter(data.train.in_order(3))).x[2])  # type: ignore[attr-defined]


def test_a_length_makes_the_spec_and_the_spec_goes_through_json() -> None:
    assert load("adding").spec == SequenceSpec(100, 2, 0)
    spec = load("copy-memory", DataOptions(length=30)).spec
    assert spec == SequenceSpec(50, 10, 9)
    assert spec_from_json(spec_to_json(spec)) == spec


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(OptionError, match="length=1: 'adding' takes 2 or more"):
        load("adding", DataOptions(length=1))
    with pytest.raises(OptionError, match="length goes with adding or copy-memory, but 'digits' has"):
        load("digits", DataOptions(length=50))
    with pytest.raises(OptionError, match="split_seed goes with"):
        load("adding", DataOptions(split_seed=1))
    with pytest.raises(DataError, match=r"run was trained on sequences of 100 steps of 2 values.* has sequences of 50"):
        load_for("adding", load("adding").spec, DataOptions(length=50))
