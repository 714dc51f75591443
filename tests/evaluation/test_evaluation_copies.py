import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from made import PICTURES, dataset_of
from torch import Generator, Tensor

from understudy.data.dataset import Dataset
from understudy.data.memory import ArrayItems
from understudy.data.sources import load
from understudy.data.spec import ImageSpec
from understudy.evaluation.copies import Part, ratio_of_distances, score_copies

CAUGHT = 0.1


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load("digits")


@pytest.fixture(scope="module")
def divided(digits: Dataset) -> tuple[Dataset, ArrayItems]:
    """The digits, 900 to learn from and 300 to test on, and the others, which nobody sees."""
    x = torch.cat([digits.split(name).x for name in ("train", "validation", "test")])
    first, second, rest = x[torch.randperm(len(x), generator=torch.Generator().manual_seed(0))].split([900, 300, 597])
    return dataclasses.replace(digits, train=ArrayItems(first), test=ArrayItems(second)), ArrayItems(rest)


@pytest.fixture(scope="module")
def rings() -> Dataset:
    return load("rings")


class Gives:
    """Gives items of a split, worked on or not."""

    def __init__(self, items: ArrayItems, change: Callable[[Tensor], Tensor] = lambda x: x) -> None:
        self.x, self.change = items.take(torch.arange(len(items))).x, change

    def sample(self, count: int, generator: Generator) -> Tensor:
        return self.change(self.x[torch.randint(len(self.x), (count,), generator=generator)])


class TrueRings:
    """Draws from the density itself, and a share of the points from what was learnt from."""

    def __init__(self, data: Dataset, copied: float) -> None:
        self.known, self.copied = Gives(data.train), copied
        self.mean, self.std = (torch.tensor(it).float() for it in (data.spec.mean, data.spec.std))

    def sample(self, count: int, generator: Generator) -> Tensor:
        angle = 2 * np.pi * torch.rand(count, generator=generator)
        radius = 1 + torch.randint(3, (count,), generator=generator)
        points = radius[:, None] * torch.stack([angle.cos(), angle.sin()], 1)
        fresh = (points + 0.1 * torch.randn(count, 2, generator=generator) - self.mean) / self.std
        from_memory = torch.rand(count, 1, generator=generator) < self.copied
        return torch.where(from_memory, self.known.sample(count, generator), fresh)


def copied(network: object, data: Dataset, seed: int = 0) -> float:
    with torch.no_grad():
        return score_copies(network, data, seed=seed)["copied"]


@pytest.mark.parametrize("seed", range(5))
def test_the_true_density_passes(rings: Dataset, seed: int) -> None:
    assert copied(TrueRings(rings, 0), rings, seed) <= 0.04 < CAUGHT


@pytest.mark.parametrize("share", [0.2, 0.5, 1])
def test_who_gives_back_points_is_caught_by_as_many_as_they_are(rings: Dataset, share: float) -> None:
    found = copied(TrueRings(rings, share), rings)
    assert found > CAUGHT
    assert found == pytest.approx(share * 6700 / 7200, abs=0.06)  # the rest was kept back from the search


def test_who_gives_back_pictures_is_caught_though_they_are_noisy(digits: Dataset) -> None:
    assert copied(Gives(digits.train), digits) > 0.6
    noisy = Gives(digits.train, lambda x: (x + 0.05 * torch.randn_like(x)).clamp(0, 1))
    assert copied(noisy, digits) > 0.5


@pytest.mark.parametrize("seed", range(5))
def test_unseen_pictures_pass_sharp_or_blurred(divided: tuple[Dataset, ArrayItems], seed: int) -> None:
    data, fresh = divided
    assert copied(Gives(fresh), data, seed) <= CAUGHT
    assert copied(Gives(fresh, lambda x: F.avg_pool2d(x, 3, 1, padding=1)), data, seed) <= CAUGHT
    assert copied(Gives(data.train), data, seed) > 0.6


def test_who_gives_the_mean_of_all_copies_nobody(digits: Dataset) -> None:
    mean = Gives(digits.train, lambda x: x * 0 + digits.train.take(torch.arange(1000)).x.mean(0))
    assert copied(mean, digits) == 0


def test_a_split_with_items_twice_still_shows_copies(rings: Dataset) -> None:
    x = rings.train.x[torch.arange(7200) % 500]
    doubled = dataclasses.replace(rings, train=dataclasses.replace(rings.train, x=x))
    assert copied(Gives(doubled.train), doubled) > 0.9


def test_large_and_colour_pictures_are_compared_in_grey(divided: tuple[Dataset, ArrayItems]) -> None:
    def large(items: ArrayItems) -> ArrayItems:
        x = items.take(torch.arange(len(items))).x.expand(-1, 3, -1, -1)
        return ArrayItems(F.interpolate(x, (40, 32)))

    small, fresh = divided
    splits = {name: large(small.split(name)) for name in ("train", "test")}
    data = dataclasses.replace(small, spec=ImageSpec(3, 40, 32), **splits)
    assert copied(Gives(data.train), data) > 0.6
    assert copied(Gives(large(fresh)), data) <= CAUGHT


def test_few_items_say_nothing() -> None:
    data = dataset_of(PICTURES, 700, 20, 250)
    assert score_copies(Gives(data.train), data, seed=0) == {}


def test_the_ratio_is_0_for_a_copy_and_1_between_the_splits() -> None:
    known, unknown = ArrayItems(torch.tensor([[0.0, 0.0], [9.0, 9.0]])), ArrayItems(torch.tensor([[4.0, 0.0]]))
    x = torch.tensor([[0.0, 0.0], [2.0, 0.0], [3.0, 0.0]])
    found = ratio_of_distances(x, known, unknown, load("rings").spec)
    assert found.tolist() == [0, 1, 3]


def test_a_part_is_its_items_in_their_order() -> None:
    items = ArrayItems(torch.arange(10.0)[:, None], torch.arange(10))
    part = Part(items, torch.tensor([7, 3, 5]))
    assert len(part) == 3
    assert part.take(torch.tensor([2, 0])).y.tolist() == [5, 7]
