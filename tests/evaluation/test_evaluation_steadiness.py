import pytest
import torch
from made import PICTURES, POINTS, dataset_of, items_of
from torch import Tensor

from understudy.evaluation.steadiness import score_steadiness, shifted, shifts


class Code:
    def __init__(self, way: str) -> None:
        self.way = way

    def encode(self, x: Tensor) -> Tensor:
        ways = {"sum": lambda: x.sum(2).sum(2), "pixels": lambda: x.flatten(1)}
        return ways[self.way]()

    def decode(self, codes: Tensor) -> Tensor:
        return codes.mean(1).view(-1, 1, 1, 1).expand(len(codes), 1, 8, 8).clamp(0, 1)


def test_a_shift_moves_every_pixel_and_the_border_is_repeated() -> None:
    x = items_of(PICTURES, 2)
    moved = shifted(x, 1, -2)
    assert torch.equal(moved[:, :, 1:, :-2], x[:, :, :-1, 2:])
    assert torch.equal(moved[:, :, 0], moved[:, :, 1])
    assert torch.equal(shifted(x, 0, 0), x)


def test_a_code_that_does_not_see_places_is_steadier_than_the_pixels() -> None:
    dots = torch.zeros(40, 1, 8, 8)
    for number in range(40):
        dots[number, 0, 2 + number % 4, 2 + number // 4 % 4] = 1 + number / 10
    data = dataset_of(PICTURES, test=40)
    object.__setattr__(data, "test", type(data.test)(dots))
    blind, seeing = (score_steadiness(Code(way), data, seed=0) for way in ("sum", "pixels"))
    assert blind["shift_sensitivity"] == pytest.approx(0, abs=1e-6)
    assert seeing["shift_sensitivity"] == pytest.approx(seeing["raw_shift_sensitivity"])
    assert seeing["shift_sensitivity"] > 0.5


def test_the_picture_has_each_place_above_its_copy() -> None:
    (figure,) = shifts(Code("sum"), dataset_of(PICTURES), seed=0)
    assert figure.image.shape == (4 * 9 - 1, 4 * 5 * 9 - 1)
    assert shifts(Code("sum"), dataset_of(POINTS), seed=0) == []
    assert score_steadiness(Code("sum"), dataset_of(POINTS), seed=0) == {}
