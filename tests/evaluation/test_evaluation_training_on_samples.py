import pytest
import torch
from made import SPECS, dataset_of
from torch import Generator, Tensor

from understudy.data.dataset import Dataset
from understudy.data.sources import load
from understudy.errors import OptionError
from understudy.evaluation import training_on_samples
from understudy.evaluation.training_on_samples import score_training


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load("digits")


class Draws:
    """Gives training digits of the first classes."""

    def __init__(self, data: Dataset, classes: int) -> None:
        every = data.train.take(torch.arange(len(data.train)))
        self.x, self.y = every.x[every.y < classes], every.y[every.y < classes]

    def sample(self, count: int, generator: Generator) -> Tensor:
        return self.x[torch.randint(len(self.x), (count,), generator=generator)]


class Asked(Draws):
    """Gives one of the asked class, or of the next one."""

    off = 0

    def sample_of(self, classes: Tensor, generator: Generator) -> Tensor:
        return torch.stack([self.x[self.y == (int(number) + self.off) % 10][0] for number in classes])


class Wrong(Asked):
    off = 1


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_on_samples, "STEPS", 60)


def scores(network: object, data: Dataset) -> dict[str, float]:
    with torch.no_grad():
        return score_training(network, data, seed=0, train_on_generated=True)


def test_real_items_teach_as_real_items_do_and_a_missing_class_counts(digits: Dataset) -> None:
    whole, half = scores(Draws(digits, 10), digits), scores(Draws(digits, 5), digits)
    assert whole["generated_training_accuracy"] == pytest.approx(whole["real_training_accuracy"], abs=0.04)
    assert half["real_training_accuracy"] == whole["real_training_accuracy"] > 0.9
    assert half["generated_training_accuracy"] == pytest.approx(0.5, abs=0.06)
    assert half["generated_training_worst_class"] == 0
    assert half["both_training_accuracy"] > 0.8
    assert whole["real_training_worst_class"] > 0.6


def test_of_a_network_that_knows_classes_it_is_the_asked_class_that_is_learnt(digits: Dataset) -> None:
    assert scores(Asked(digits, 10), digits)["generated_training_accuracy"] > 0.4  # from ten digits
    assert scores(Wrong(digits, 10), digits)["generated_training_accuracy"] < 0.1


def test_it_is_done_when_asked_for_and_needs_classes(digits: Dataset) -> None:
    assert score_training(Draws(digits, 10), digits, seed=0) == {}
    data = dataset_of(SPECS["points"])
    with pytest.raises(OptionError, match="needs data with 2 to 100 classes"):
        score_training(Draws(digits, 10), data, seed=0, train_on_generated=True)
