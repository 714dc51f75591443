import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from understudy.data.batches import batch_count, batches, in_order, order
from understudy.data.memory import ArrayItems
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.errors import DataError

Pictures = Callable[..., Path]
STREAM = DataOptions(memory="stream")


def numbered(count: int) -> ArrayItems:
    return ArrayItems(torch.arange(count, dtype=torch.float32)[:, None], torch.arange(count))


@given(st.integers(0, 300), st.integers(0, 2**33), st.integers(0, 50))
def test_an_order_is_a_permutation(count: int, seed: int, epoch: int) -> None:
    assert sorted(order(count, seed, epoch).tolist()) == list(range(count))


def test_order_depends_on_seed_and_epoch_and_leaves_the_global_state_alone() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = order(50, 0, 0)
    assert torch.equal(before, torch.get_rng_state())
    torch.manual_seed(2)
    assert torch.equal(first, order(50, 0, 0))
    assert not torch.equal(first, order(50, 0, 1))
    assert not torch.equal(first, order(50, 1, 0))


@given(st.integers(0, 60), st.integers(1, 20), st.integers(0, 70))
def test_starting_later_gives_the_tail(count: int, batch: int, start: int) -> None:
    items = numbered(count)
    whole = [part.x for part in batches(items, batch, seed=3, epoch=2)]
    tail = [part.x for part in batches(items, batch, seed=3, epoch=2, start=start)]
    assert len(whole) == batch_count(items, batch)
    assert len(tail) == max(0, len(whole) - start)
    assert all(torch.equal(one, other) for one, other in zip(whole[start:], tail, strict=True))
    assert sorted(torch.cat([*whole, torch.empty(0, 1)]).flatten().tolist()) == list(range(count))


def test_in_order() -> None:
    parts = list(in_order(numbered(7), 3))
    assert [part.x.flatten().tolist() for part in parts] == [[0, 1, 2], [3, 4, 5], [6]]
    assert [len(part) for part in parts] == [3, 3, 1]


def test_streamed_batches_equal_those_held_in_memory(tmp_path: Path, pictures: Pictures) -> None:
    folder = pictures(tmp_path / "photos", 20)
    kept, streamed = load(folder, DataOptions(memory="keep")), load(folder, STREAM)
    for one, other in zip(
        batches(kept.train, 4, seed=1, epoch=1), batches(streamed.train, 4, seed=1, epoch=1), strict=True
    ):
        assert torch.equal(one.x, other.x)


def readers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("understudy")]


def test_the_next_batch_is_read_ahead_but_only_one(tmp_path: Path, pictures: Pictures, monkeypatch) -> None:
    items = load(pictures(tmp_path / "photos", 30), STREAM).train
    taken = []
    decode = type(items).pixels
    monkeypatch.setattr(type(items), "pixels", lambda self, index: taken.append(len(index)) or decode(self, index))
    epoch = batches(items, 2, seed=0, epoch=0)
    next(epoch)
    deadline = time.monotonic() + 5
    while len(taken) < 2 and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(0.05)
    assert len(taken) == 2
    epoch.close()
    assert readers() == []


def test_a_file_that_breaks_later_is_named_and_leaves_no_thread(tmp_path: Path, pictures: Pictures) -> None:
    folder = pictures(tmp_path / "photos", 12)
    data = load(folder, STREAM)
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(DataError, match=r"cannot decode '.*photos/\d{4}.png'"):
        list(batches(data.train, 2, seed=0, epoch=0))
    assert readers() == []
