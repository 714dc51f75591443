"""Reading from both ends: padding, and which way is which."""

from typing import Any

import pytest
import torch

from understudy.layers.bidirectional import Bidirectional, last_of, turned
from understudy.layers.cells import STEPS, Cell
from understudy.layers.recurrent import RecurrentOptions
from understudy.settings import validated


def built(**options: Any) -> Bidirectional:
    torch.manual_seed(0)
    return Bidirectional(3, validated(RecurrentOptions, {"hidden_dim": 4, **options}, "options")).eval()


def test_a_row_is_turned_around_within_its_length() -> None:
    x = torch.tensor([[1.0, 2, 3, 9], [4, 5, 6, 7]])[:, :, None]
    assert turned(x, torch.tensor([3, 4]))[:, :, 0].tolist() == [[3, 2, 1, 9], [7, 6, 5, 4]]
    assert last_of(x, torch.tensor([3, 4]))[:, 0].tolist() == [3, 7]


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", STEPS)
def test_padding_changes_nothing(cell: Cell, layers: int) -> None:
    core, x = built(cell=cell, num_layers=layers), torch.randn(1, 5, 3)
    alone, last = core(x, torch.tensor([5]))
    padded = torch.cat([x, 100 * torch.randn(1, 4, 3)], 1)
    others = torch.cat([padded, torch.randn(2, 9, 3)])
    among, lasts = core(others, torch.tensor([5, 9, 2]))
    torch.testing.assert_close(among[:1, :5], alone)
    torch.testing.assert_close(lasts[:1], last)


def test_each_directions_last_is_what_its_last_step_put_out() -> None:
    core = built(hidden_dim=4, residual=True, num_layers=2)
    outputs, last = core(torch.randn(2, 5, 3), torch.tensor([5, 3]))
    torch.testing.assert_close(last, torch.cat([last_of(outputs[..., :4], torch.tensor([5, 3])), outputs[:, 0, 4:]], 1))
    bare = built(hidden_dim=4, num_layers=2)
    bare.load_state_dict(core.state_dict())
    torch.manual_seed(1)
    x = torch.randn(2, 5, 3)
    assert not torch.allclose(core(x, torch.tensor([5, 3]))[1], bare(x, torch.tensor([5, 3]))[1])


def test_each_step_has_seen_what_is_before_and_what_is_after() -> None:
    core, x = built(), torch.randn(1, 6, 3)
    lengths = torch.tensor([6])
    plain, _ = core(x, lengths)
    x[0, 2] += 1
    moved = (core(x, lengths)[0] != plain).any(0)
    forwards, backwards = moved[:, :4].any(1), moved[:, 4:].any(1)
    assert forwards.tolist() == [False, False, True, True, True, True]
    assert backwards.tolist() == [True, True, True, False, False, False]
