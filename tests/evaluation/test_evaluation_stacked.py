import math
from itertools import product

import pytest
import torch
from made import PICTURES, dataset_of
from torch import Generator, Tensor

from understudy.data.dataset import Dataset
from understudy.data.spec import ImageSpec
from understudy.data.stacked_mnist import CLASSES, StackedItems
from understudy.evaluation import stacked
from understudy.evaluation.digit_networks import as_digits, shipped
from understudy.evaluation.generation import lenet_features, score_pictures
from understudy.evaluation.judge import StackReader, judge_of
from understudy.evaluation.modes import divergence
from understudy.evaluation.stacked import mode_shares_of, score_stacks


@pytest.fixture(scope="module")
def data() -> Dataset:
    """Stacks of noise pictures, each named as the shipped judge names it: it reads every one of them."""
    noise = torch.randint(256, (4_000, 1, 28, 28), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    strokes = (noise * (torch.rand(4_000, 1, 28, 28, generator=torch.Generator().manual_seed(1)) < 0.15)).byte()
    names = torch.cat([shipped("judge")(as_digits(part / 255)).argmax(1) for part in strokes.split(500)])
    draw = torch.Generator().manual_seed(2)

    def split(count: int) -> StackedItems:
        picks = torch.randint(len(strokes), (count, 3), generator=draw)
        return StackedItems(strokes, picks, names[picks] @ torch.tensor([100, 10, 1]), torch.device("cpu"))

    return Dataset("stacks", ImageSpec(3, 28, 28, CLASSES), split(800), split(300), split(600), fingerprint="")


class Draws:
    """Gives training stacks, of the first few alone if asked for."""

    def __init__(self, data: Dataset, kinds: int | None = None) -> None:
        self.items, self.kinds = data.train, kinds or len(data.train)

    def sample(self, count: int, generator: Generator) -> Tensor:
        return self.items.take(torch.randint(self.kinds, (count,), generator=generator)).x


def test_modes_are_counted_and_weighed(data: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacked, "DRAWN", 1_000)
    with torch.no_grad():
        few, many = (score_stacks(Draws(data, kinds), data, seed=0) for kinds in (4, None))
    assert isinstance(judge_of(data, 0), StackReader)
    assert few["judge_accuracy"] == 1
    assert few["modes"] == len(data.train.y[:4].unique())
    assert few["modes"] < many["modes"] <= len(data.train.y.unique())
    assert few["real_modes"] == len(data.test.y.unique())
    expected = mode_shares_of(data.test.y)
    made = torch.bincount(data.train.y[:4], minlength=1000)
    assert few["mode_kl"] == pytest.approx(divergence(made, expected), abs=0.05)
    assert many["real_mode_kl"] < few["mode_kl"]


def test_expected_shares_are_products_of_the_digits() -> None:
    y = torch.tensor([123, 145, 723, 745])
    found = mode_shares_of(y)
    assert found.sum().item() == pytest.approx(1)
    for hundreds, tens, ones in product((1, 7), (2, 4), (3, 5)):
        assert found[100 * hundreds + 10 * tens + ones].item() == pytest.approx(1 / 8)
    assert divergence(torch.bincount(torch.arange(1000)), mode_shares_of(torch.arange(1000))) == pytest.approx(0)
    assert divergence(torch.bincount(torch.arange(500), minlength=1000), torch.ones(1000)) == pytest.approx(math.log(2))


def test_features_are_those_of_each_digit_and_classes_are_not_counted_one_by_one(data: Dataset) -> None:
    x = data.test.take(torch.arange(3)).x
    features = lenet_features(data)(x)
    assert features.shape == (3, 3 * 64)
    assert torch.allclose(features[:, 64:128], shipped("lenet").features(x[:, [1]]))
    with torch.no_grad():
        found = score_pictures(Draws(data), data, seed=0)
    assert found["feature_dim"] == 192
    assert "class_tv" not in found


def test_other_data_has_no_such_modes() -> None:
    assert score_stacks(Draws, dataset_of(PICTURES), seed=0) == {}
