import math

import pytest
import torch
from made import PICTURES, POINTS, dataset_of
from torch import Generator, Tensor, nn

from understudy.data.spec import Spec
from understudy.evaluation.noise import STEPS, arc, between_noises, walk


class Echo(nn.Module):
    """An item is its noise, all of it the same number."""

    def __init__(self, spec: Spec = PICTURES) -> None:
        super().__init__()
        self.spec, self.weight = spec, nn.Parameter(torch.zeros(1))
        self.told: list[Tensor | None] = []

    def draw_noise(self, count: int, generator: Generator) -> Tensor:
        return torch.randn(count, 1, generator=generator)

    def generate(self, noise: Tensor, classes: Tensor | None = None) -> Tensor:
        self.told.append(classes)
        return noise.view(-1, *[1] * len(self.spec.shape)).expand(-1, *self.spec.shape)

    def sample(self, count: int, generator: Generator) -> Tensor:
        return self.generate(self.draw_noise(count, generator))


class Told(Echo):
    def sample_of(self, classes: Tensor, generator: Generator) -> Tensor:
        return self.generate(self.draw_noise(len(classes), generator), classes)


def test_an_arc_leads_from_one_noise_to_the_other_in_even_steps() -> None:
    ends = torch.eye(2)
    path = arc(ends[:1], ends[1:], 5)
    assert torch.allclose(path[0], ends[0]) and torch.allclose(path[-1], ends[1], atol=1e-6)
    turns = torch.atan2(path[:, 1], path[:, 0]).diff()
    assert torch.allclose(turns, torch.full((4,), math.pi / 8))


@pytest.mark.parametrize("step", range(5))
def test_each_step_of_an_arc_is_spread_as_a_draw_is(step: int) -> None:
    draws = torch.randn(2, 50_000, 1, generator=Generator().manual_seed(0))
    path = arc(draws[0], draws[1], 5).view(-1, 5)
    assert path[:, step].std().item() == pytest.approx(1, abs=0.02)
    assert ((draws[0] + draws[1]) / 2).std().item() == pytest.approx(math.sqrt(0.5), abs=0.02)  # the straight line


def test_a_walk_begins_at_draws_of_its_seed_and_keeps_a_rows_class() -> None:
    network = Told()
    made = walk(network, PICTURES, 12, 3, seed=4)
    generator = Generator().manual_seed(4)
    first, last = network.draw_noise(12, generator), network.draw_noise(12, generator)
    assert torch.allclose(made[::3, 0, 0, 0], first[:, 0])
    assert torch.allclose(made[2::3, 0, 0, 0], last[:, 0], atol=1e-6)
    assert torch.cat(network.told).tolist() == [number % 10 for number in range(12) for _ in range(3)]
    assert not torch.equal(made, walk(network, PICTURES, 12, 3, seed=5))


def test_the_figure_has_a_row_for_each_pair_or_class_and_points_have_none() -> None:
    figure = between_noises(Echo(), dataset_of(PICTURES), seed=0)[0]
    assert figure.image.shape == (6 * 9 - 1, STEPS * 9 - 1)
    figure = between_noises(Told(), dataset_of(PICTURES), seed=0)[0]
    assert figure.image.shape == (10 * 9 - 1, STEPS * 9 - 1)
    assert "0, 1, 2, 3, 4, 5, 6, 7, 8, 9" in figure.caption
    assert between_noises(Echo(POINTS), dataset_of(POINTS), seed=0) == []
