"""A pool gives back as many pictures as it gets, and loses none."""

from collections import Counter

import pytest
import torch
from torch import Tensor

from understudy.layers.image_pool import ImagePool


def pictures(first: int, count: int) -> Tensor:
    return torch.arange(first, first + count).float().view(-1, 1, 1, 1)


def numbers(x: Tensor | None) -> list[int]:
    return [] if x is None else x.flatten().int().tolist()


@pytest.mark.parametrize(("size", "batch"), [(10, 4), (3, 8), (8, 8), (1, 1)])
def test_every_picture_is_either_given_back_or_held(size: int, batch: int) -> None:
    torch.manual_seed(0)
    pool, given, returned = ImagePool(size), [], Counter[int]()
    for step in range(30):
        made = pictures(step * batch, batch)
        given += numbers(made)
        back = pool.exchange(made)
        assert back.shape == made.shape
        returned.update(numbers(back))
        assert len(numbers(pool.held)) == min(size, len(given))
    assert len(set(numbers(pool.held))) == min(size, len(given))
    if batch * 30 > size:
        held = set(numbers(pool.held))
        # The first pictures, which fill the pool, are given back at once and once more when their place is taken.
        twice = {number for number, times in returned.items() if times == 2}
        assert max(returned.values()) <= 2
        assert twice <= set(range(size))
        assert set(given) == set(returned) | held


def test_half_of_the_pictures_that_come_back_are_older_ones() -> None:
    torch.manual_seed(0)
    pool = ImagePool(50)
    pool.exchange(pictures(0, 50))
    older = [
        sum(number < 50 + 10 * step for number in numbers(pool.exchange(pictures(50 + 10 * step, 10))))
        for step in range(400)
    ]
    assert sum(older) / 4000 == pytest.approx(0.5, abs=0.03)


def test_without_a_pool_nothing_changes_and_what_it_holds_is_cut_off() -> None:
    made = pictures(0, 4)
    assert ImagePool(0).exchange(made) is made
    pool = ImagePool(4)
    pool.exchange(made)
    state = pool.state()
    assert state is not None
    state += 1
    assert numbers(pool.held) == [0, 1, 2, 3]
