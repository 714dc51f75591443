import dataclasses
import math

import pytest
import torch
from made import PICTURES, SPECS, dataset_of
from torch import Generator, Tensor

from understudy.data.dataset import Dataset
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.errors import DataError
from understudy.evaluation.supports import LEAST
from understudy.evaluation.vectors import MOST, score_rows

PLANE = ("rings", "moons", "gaussians")


class Draws:
    """Gives training rows of some classes, with more noise or not."""

    def __init__(self, data: Dataset, classes: int | None = None, noise: float = 0.0) -> None:
        every = data.train.take(torch.arange(len(data.train)))
        self.x = every.x if classes is None else every.x[every.y < classes]
        self.noise = noise

    def sample(self, count: int, generator: Generator) -> Tensor:
        x = self.x[torch.randint(len(self.x), (count,), generator=generator)]
        return x + self.noise * torch.randn(x.shape, generator=generator)


@pytest.mark.parametrize("name", PLANE)
def test_real_points_lie_at_the_modes_as_their_noise_lets_them(name: str) -> None:
    data = load(name)
    found = score_rows(Draws(data), data, seed=0)
    modes = len(data.spec.classes)
    assert found["modes"] == found["real_modes"] == modes
    # 3 deviations: of two directions at a centre, of one beside a curve
    expected = 1 - math.exp(-4.5) if name == "gaussians" else math.erf(3 / math.sqrt(2))
    assert found["high_quality"] == pytest.approx(expected, abs=0.005)
    assert found["real_high_quality"] == pytest.approx(expected, abs=0.005)
    assert found["mode_kl"] < 0.01
    assert found["density"] == pytest.approx(1, abs=0.06)
    assert found["coverage"] == pytest.approx(1 - 2**-5, abs=0.02)
    assert found["energy_distance"] == pytest.approx(found["real_energy_distance"], abs=0.03)
    assert found["generated"] == MOST


@pytest.mark.parametrize("name", PLANE)
def test_each_point_is_nearest_to_the_mode_that_it_was_drawn_from(name: str) -> None:
    data = load(name)
    test = data.test.take(torch.arange(len(data.test)))
    rows = torch.from_numpy(data.spec.to_user(test.x.numpy()))
    assert (data.modes.distances(rows).argmin(1) == test.y).double().mean() > 0.99


def test_distances_to_half_circles_by_hand() -> None:
    points = torch.tensor([[0.0, 2.0], [0.0, 0.0], [-1.0, -0.5], [3.0, -4.0]])
    upper = load("moons").modes.distances(points)[:, 0]
    assert upper.numpy() == pytest.approx([1, 1, 0.5, math.hypot(2, 4)])
    lower = load("moons").modes.distances(torch.tensor([1.0, 0.5]) - points)[:, 1]
    assert lower.numpy() == pytest.approx([1, 1, 0.5, math.hypot(2, 4)])


def test_two_of_eight_modes_are_counted_and_weighed() -> None:
    data = load("gaussians")
    found = score_rows(Draws(data, classes=2), data, seed=0)
    assert found["modes"] == 2
    assert found["mode_kl"] == pytest.approx(math.log(4), abs=0.1)
    assert found["precision"] > 0.95
    assert found["recall"] < 0.3 > found["coverage"]
    assert found["energy_distance"] > 10 * found["real_energy_distance"]


def test_noise_costs_quality_and_no_modes() -> None:
    data = load("gaussians")
    found = score_rows(Draws(data, noise=0.5), data, seed=0)
    assert found["modes"] == 8
    assert found["high_quality"] < 0.2
    assert found["precision"] < 0.7


def test_without_known_modes_there_are_none() -> None:
    rows = dataset_of(SPECS["rows of 40"], 96, 40, 40)
    found = score_rows(Draws(rows), rows, seed=0)
    assert {"precision", "real_energy_distance"} < set(found)
    assert not {"modes", "high_quality", "mode_kl"} & set(found)
    assert load("rings", DataOptions(leave_out="1")).modes is None


def test_the_seed_decides() -> None:
    data = load("moons")
    first, again, other = (score_rows(Draws(data), data, seed=seed) for seed in (0, 0, 1))
    assert first == again != other


def test_pictures_few_rows_and_what_is_not_finite() -> None:
    data = load("moons")
    few = dataclasses.replace(data, test=data.test.only(torch.arange(LEAST - 1)))
    assert score_rows(Draws(data), few, seed=0) == score_rows(Draws(data), dataset_of(PICTURES), seed=0) == {}
    with pytest.raises(DataError, match="not finite"):
        score_rows(Draws(data, noise=math.nan), data, seed=0)
