"""Scores are of the whole test split; nothing else is read, but by the baselines, which fit on training items.

The copy check reads training items, too: it asks which of them a sample is nearest to.
"""

import sys
from collections.abc import Iterator
from types import FrameType

import pytest
import torch
from made import PICTURES, POINTS, Toy, dataset_of, items_of
from torch import Tensor

from understudy import models
from understudy.data.dataset import Batch, Dataset
from understudy.data.spec import Spec
from understudy.errors import DataError
from understudy.evaluation import SCORES, able, copies, evaluate, exhibit, generation, judge, linear, principal, probe
from understudy.evaluation.reconstruction import score_reconstruction


class Watched:
    """A split that knows which of its items were read, and may let only baselines, probe, judge and copy check read."""

    def __init__(self, x: Tensor, closed: bool, classes: int = 0) -> None:
        self.x, self.closed, self.read = x, closed, list[int]()
        self.y = torch.arange(len(x)) % classes if classes else None

    def __len__(self) -> int:
        return len(self.x)

    def to(self, target: torch.device) -> "Watched":
        return self

    def only(self, index: Tensor) -> "Watched":
        assert index.tolist() == list(range(len(self)))
        return self

    def take(self, index: Tensor) -> Batch:
        learners = {module.__file__ for module in (principal, probe, judge, linear, generation, copies)}
        if self.closed and not learners & {frame.f_code.co_filename for frame in _callers()}:
            raise AssertionError("a score read items that it must not see")
        self.read += index.tolist()
        return Batch(self.x[index], None if self.y is None else self.y[index])


def _callers() -> Iterator[FrameType]:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        yield frame
        frame = frame.f_back


class Choosing(Watched):
    """The validation split: a baseline may choose its size by it."""

    def take(self, index: Tensor) -> Batch:
        choosers = {"_best_principal", "quantised_principal", "trained_judge", "shipped_judge", "fitted"}
        assert choosers & {frame.f_code.co_name for frame in _callers()}, "no validation items for scores"
        return Batch(self.x[index], None if self.y is None else self.y[index])


def watched(spec: Spec) -> Dataset:
    train, validation, test = (items_of(spec, count, n) for n, count in enumerate((40, 10, 20)))
    count = len(spec.classes)
    splits = Watched(train, True, count), Choosing(validation, True, count), Watched(test, False, count)
    return Dataset("made", spec, *splits, fingerprint="")


def fits(name: str, spec: Spec) -> bool:
    try:
        models.build(name, {}, spec)
    except DataError:
        return False
    return True


CASES = [(name, spec) for name in models.TABLE for spec in (PICTURES, POINTS) if fits(name, spec)]


@pytest.mark.parametrize(("name", "spec"), CASES)
def test_no_score_and_no_figure_sees_training_or_validation_items(name: str, spec: Spec) -> None:
    network, data = models.build(name, {}, spec), watched(spec)
    evaluate(network, data)
    exhibit(network, data)
    assert data.train.read, "the baselines learn from it"
    assert set(data.test.read) == set(range(20))


def test_every_test_item_counts_once() -> None:
    data = watched(POINTS)
    toy = Toy().requires_grad_(False)
    first = next(iter(able(toy, SCORES)))
    assert first.load() is score_reconstruction
    score_reconstruction(toy, data, seed=0)
    assert sorted(data.test.read) == [0, *range(20)]  # item 0 once more, for the size of its code


@pytest.mark.parametrize("name", ["vae", "denoising-autoencoder"])
def test_the_seed_decides_the_scores_whatever_was_drawn_before(name: str) -> None:
    network, data = models.build(name, {}, PICTURES), dataset_of(PICTURES)
    found = []
    for seed in (0, 0, 1):
        torch.rand(5)
        found.append(evaluate(network, data, seed))
    assert found[0] == found[1] != found[2]
    assert not network.training
