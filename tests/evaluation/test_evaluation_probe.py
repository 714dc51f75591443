import dataclasses

import pytest
import torch
from made import POINTS, dataset_of
from torch import Tensor

from understudy.data.dataset import Dataset
from understudy.data.memory import ArrayItems
from understudy.data.spec import VectorSpec
from understudy.evaluation.probe import score_probe

SPEC = VectorSpec(6, (0.0,) * 6, (1.0,) * 6, ("a", "b", "c"))


class Coder:
    """A code that tells the class, or one that does not."""

    def __init__(self, columns: slice) -> None:
        self.columns = columns

    def encode(self, x: Tensor) -> Tensor:
        return x[:, self.columns]


def classed(count: int, seed: int) -> ArrayItems:
    """The first two numbers tell the class; the other four are noise."""
    generator = torch.Generator().manual_seed(seed)
    y = torch.arange(count) % 3
    centres = torch.tensor([[3.0, 0.0], [0.0, 3.0], [-3.0, -3.0]])
    x = torch.randn(count, 6, generator=generator)
    x[:, :2] = centres[y] + 0.3 * x[:, :2]
    return ArrayItems(x, y)


DATA = Dataset("made", SPEC, *(classed(count, seed) for seed, count in enumerate((300, 60, 90))), fingerprint="")


def test_a_code_that_tells_the_class_is_told_from_one_that_does_not() -> None:
    good, bad = (score_probe(Coder(columns), DATA, seed=0) for columns in (slice(0, 2), slice(2, 6)))
    assert good["probe_accuracy"] > 0.98
    assert bad["probe_accuracy"] < 0.55
    assert good["raw_probe_accuracy"] == bad["raw_probe_accuracy"] > 0.95
    assert good["pca_probe_accuracy"] > 0.95  # the widest two directions are the classes'


def test_the_probe_learns_from_training_items_and_is_judged_on_test_items() -> None:
    """With the test labels shuffled, training on the training split must fail."""
    generator = torch.Generator().manual_seed(0)
    wrong = ArrayItems(DATA.test.x, DATA.test.y[torch.randperm(90, generator=generator)])
    assert score_probe(Coder(slice(0, 2)), dataclasses.replace(DATA, test=wrong), seed=0)["probe_accuracy"] < 0.6


def test_data_without_classes_has_no_probe() -> None:
    assert score_probe(Coder(slice(0, 1)), dataset_of(POINTS), seed=0) == {}


def test_the_same_seed_gives_the_same_accuracy() -> None:
    first, second = (score_probe(Coder(slice(0, 3)), DATA, seed=4) for _ in range(2))
    assert first == pytest.approx(second)
