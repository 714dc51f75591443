import dataclasses

import pytest
import torch
from torch import Generator, Tensor

from understudy.data.dataset import Dataset
from understudy.data.sources import load
from understudy.evaluation.classes import (
    JUDGED_PER_CLASS,
    asked_and_made,
    class_samples,
    score_asked_classes,
    score_classification,
)


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load("digits")


class Copycat:
    """Gives real training digits of the asked class, or of the next one for a share of them."""

    def __init__(self, data: Dataset, wrong: float) -> None:
        self.data, self.wrong = data, wrong

    def sample_of(self, classes: Tensor, generator: Generator) -> Tensor:
        real = self.data.train.take(torch.arange(len(self.data.train)))
        off = torch.rand(len(classes), generator=generator) < self.wrong
        asked = torch.where(off, (classes + 1) % 10, classes)
        return torch.stack([real.x[real.y == int(number)][0] for number in asked])

    def classify(self, x: Tensor) -> Tensor:
        return torch.zeros(len(x), dtype=torch.int64)


@pytest.mark.parametrize("wrong", [0.0, 0.5])
def test_the_judge_sees_what_was_not_made_as_asked(digits: Dataset, wrong: float) -> None:
    with torch.no_grad():
        scores = score_asked_classes(Copycat(digits, wrong), digits, seed=0)
    assert scores["real_asked_class"] > 0.95, "the judge knows digits it has never seen"
    assert scores["asked_class"] == pytest.approx(1 - wrong, abs=0.07)
    assert JUDGED_PER_CLASS >= 100


def test_naming_one_class_alone_is_no_better_than_its_share(digits: Dataset) -> None:
    scores = score_classification(Copycat(digits, 0), digits, seed=0)
    labels = digits.test.take(torch.arange(len(digits.test))).y
    assert scores["accuracy"] == pytest.approx((labels == 0).double().mean().item())
    learnt = digits.train.take(torch.arange(len(digits.train))).y.bincount().argmax()
    assert scores["majority_accuracy"] == pytest.approx((labels == learnt).double().mean().item())


def test_a_network_that_makes_one_item_of_each_class_has_no_variety(digits: Dataset) -> None:
    class Varied(Copycat):
        def sample_of(self, classes: Tensor, generator: Generator) -> Tensor:
            real = self.data.train.take(torch.arange(len(self.data.train)))
            return torch.stack([real.x[real.y == int(it)][place % 100] for place, it in enumerate(classes)])

    with torch.no_grad():
        same, varied = (score_asked_classes(it, digits, seed=0) for it in (Copycat(digits, 0), Varied(digits, 0)))
    assert same["class_spread"] == pytest.approx(0, abs=1e-6)
    assert varied["class_spread"] == pytest.approx(1, abs=0.1)


def test_without_labels_there_is_nothing_to_be_right_about(digits: Dataset) -> None:
    bare = dataclasses.replace(digits, test=dataclasses.replace(digits.test, y=None))
    assert score_classification(Copycat(digits, 0), bare, seed=0) == {}
    with torch.no_grad():
        assert set(score_asked_classes(Copycat(digits, 0), bare, seed=0)) == {"asked_class"}


def test_each_class_has_a_row(digits: Dataset) -> None:
    (figure,) = class_samples(Copycat(digits, 0), digits, seed=0)
    assert figure.image.shape[0] == 10 * 9 - 1
    assert "0, 1, 2" in figure.caption


def test_what_is_seen_stands_in_the_row_of_what_was_asked_for(digits: Dataset) -> None:
    with torch.no_grad():
        (right,), (wrong,) = (asked_and_made(Copycat(digits, share), digits, seed=0) for share in (0, 1))
    on, beside = (torch.tensor(figure.plot["values"]) for figure in (right, wrong))
    assert on.sum(1).tolist() == pytest.approx([1] * 10)
    assert on.diagonal().mean() > 0.9
    assert beside.roll(-1, 1).diagonal().mean() > 0.9
