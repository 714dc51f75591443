"""Rows of sources: put together and taken apart again, in any order."""

import pytest
import torch

from understudy.layers.rows import Rows


@pytest.mark.parametrize("places", [[0, 0, 1, 2, 2, 2], [2, 0, 2], [1], [2, 1, 0]])
def test_each_row_stands_with_its_source(places: list[int]) -> None:
    kept, rows = Rows.one_each(3, torch.device("cpu")).at(torch.tensor(places))
    assert kept.tolist() == sorted(set(places))
    values = torch.randn(len(places), 2, 4)
    grid = rows.together(values)
    assert torch.equal(rows.apart(grid, 2), values)
    for place, own in zip(kept.tolist(), grid, strict=True):
        mine = [value for value, source in zip(values, places, strict=True) if source == place]
        assert torch.equal(own[: 2 * len(mine)], torch.cat(mine))
        assert not own[2 * len(mine) :].any()


def test_sources_that_have_gone_do_not_come_back() -> None:
    _, rows = Rows.one_each(4, torch.device("cpu")).at(torch.tensor([3, 3, 1]))
    kept, rows = rows.at(torch.tensor([0, 2]))
    assert kept.tolist() == [0, 1], "of those that were left: 1 and 3"
    kept, rows = rows.at(torch.tensor([0]))
    assert (kept.tolist(), rows.count, rows.sources.tolist()) == ([1], 1, [0])


def test_no_rows_have_no_sources() -> None:
    kept, rows = Rows.one_each(2, torch.device("cpu")).at(torch.tensor([], dtype=torch.int64))
    assert (len(kept), rows.count) == (0, 0)
    assert rows.together(torch.empty(0, 1, 4)).shape == (0, 1, 4)
