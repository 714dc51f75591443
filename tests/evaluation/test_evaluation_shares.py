import dataclasses

import pytest
import torch
from made import PICTURES, dataset_of
from torch import Generator, Tensor

from understudy.data.dataset import Dataset
from understudy.data.sources import load
from understudy.evaluation.generation import MOST_CLASSES
from understudy.evaluation.shares import class_shares, mode_shares


class Draws:
    """Gives training items of the first classes."""

    def __init__(self, data: Dataset, classes: int) -> None:
        every = data.train.take(torch.arange(len(data.train)))
        self.x = every.x[every.y < classes]

    def sample(self, count: int, generator: Generator) -> Tensor:
        return self.x[torch.randint(len(self.x), (count,), generator=generator)]


@pytest.mark.parametrize(("name", "draw"), [("digits", class_shares), ("gaussians", mode_shares)])
def test_shares_of_half_the_classes_stand_beside_the_test_items(name: str, draw: object) -> None:
    data = load(name)
    classes = len(data.spec.classes)
    with torch.no_grad():
        (figure,) = draw(Draws(data, classes // 2), data, seed=0)
    assert figure.plot["kind"] == "bars"
    assert figure.plot["labels"] == list(data.spec.classes)
    real, made = (line["values"] for line in figure.plot["series"])
    labels = data.test.take(torch.arange(len(data.test))).y
    assert real == pytest.approx((labels.bincount() / len(labels)).tolist(), abs=0.002)
    assert sum(made) == pytest.approx(1, abs=1e-3)
    assert sum(made[: classes // 2]) > 0.98


def test_what_cannot_be_counted_is_not_drawn() -> None:
    digits = load("digits")
    network = Draws(digits, 10)
    many = dataclasses.replace(digits.spec, classes=tuple(map(str, range(MOST_CLASSES + 1))))
    assert class_shares(network, dataclasses.replace(digits, spec=many), seed=0) == []
    bare = dataclasses.replace(digits, test=dataclasses.replace(digits.test, y=None))
    assert class_shares(network, bare, seed=0) == mode_shares(network, digits, seed=0) == []
    made = dataset_of(PICTURES, 96, 40, 40)  # whose classes nobody can tell apart
    with torch.no_grad():
        assert class_shares(network, made, seed=0) == []
