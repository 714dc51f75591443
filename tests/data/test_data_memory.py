import pytest
import torch

from understudy.data.memory import ArrayItems
from understudy.data.options import DataOptions
from understudy.data.sources import load


def test_bytes_become_unit_floats_exactly_as_division_does() -> None:
    every = torch.arange(256, dtype=torch.uint8)[:, None]
    batch = ArrayItems(every, torch.arange(256)).take(torch.tensor([255, 0, 51]))
    assert torch.equal(batch.x, torch.tensor([[1.0], [0.0], [0.2]]))
    assert batch.y is not None
    assert batch.y.tolist() == [255, 0, 51]


def test_floats_stay_and_the_batch_is_a_copy() -> None:
    items = ArrayItems(torch.rand(4, 1, 2, 2))
    batch = items.take(torch.tensor([2]))
    expected = items.x[2].clone()
    batch.x.zero_()
    assert torch.equal(items.x[2], expected)
    assert batch.y is None


def test_moving_keeps_type_and_length() -> None:
    moved = ArrayItems(torch.zeros(3, 1, 2, 2, dtype=torch.uint8), torch.zeros(3, dtype=torch.int64)).to(
        torch.device("cpu")
    )
    assert (len(moved), moved.x.dtype) == (3, torch.uint8)


def test_items_that_would_fill_a_gpu_stay_on_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    items = ArrayItems(torch.zeros(100, 1, 4, 4, dtype=torch.uint8))  # 1,600 bytes
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda target: (3000, 3000))
    kept = items.to(torch.device("cuda"))
    assert kept.x.device.type == "cpu"
    assert kept.target == torch.device("cuda")


@pytest.mark.parametrize("leave_out", [None, "3"])
def test_data_that_is_there_already_is_itself(leave_out: str | None) -> None:
    data = load("digits", DataOptions(leave_out=leave_out))
    here = data.to(torch.device("cpu"))
    assert here.train is data.train
    assert (here is data) == (leave_out is None)
    assert data.to(torch.device("meta")).train.x.device.type == "meta"
