"""What a network remembers, beside what can be said without a memory."""

import math
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from understudy.data.memory_problems import problem
from understudy.evaluation.answers import answered, frequencies, score_answers, varying


def says(answer: Any) -> Any:
    return SimpleNamespace(answer=answer)


def recall(x: Tensor) -> Tensor:
    """The first six of ten right, blank where nothing is asked, and the first symbol for the rest."""
    logits = torch.zeros(*x.shape[:2], 9)
    logits[:, :, 8] = 1
    logits[:, -10:, 8] = 0
    logits[:, -10:-4, :8] = x[:, :6, :8]
    logits[:, -4:, 0] = 1
    return 100 * logits


def test_of_symbols_only_those_that_vary_count_as_remembered() -> None:
    data = problem("copy-memory", 5)
    scores = score_answers(says(recall), data, seed=0)
    assert scores["accuracy"] == pytest.approx(0.6 + 0.4 / 8, abs=0.01)
    assert scores["memoryless_accuracy"] == pytest.approx(1 / 8, abs=0.01)
    assert scores["memoryless_nats_per_token"] == pytest.approx(10 * math.log(8) / 25, rel=0.01)
    (figure,) = answered(says(recall), data, seed=0)
    network, without = figure.plot["series"]
    assert network["x"] == without["x"] == list(range(15, 25))
    assert network["y"][:6] == [1.0] * 6 and max(network["y"][6:] + without["y"]) < 0.2


def test_of_numbers_the_error_stands_beside_the_means() -> None:
    data = problem("adding", 8)
    scores = score_answers(says(lambda x: x.prod(2).sum(1) + 0.1), data, seed=0)
    assert scores["mse"] == pytest.approx(0.01, rel=1e-4)
    assert scores["memoryless_mse"] == pytest.approx(1 / 6, rel=0.05)
    (figure,) = answered(says(lambda x: x.prod(2).sum(1)), data, seed=0)
    assert all(x == pytest.approx(y, abs=2e-4) for x, y, _ in figure.plot["points"])


def test_the_best_answer_without_a_memory_is_counted_on_training_items() -> None:
    known = torch.tensor([[2, 0], [2, 1], [2, 1], [2, 1]])
    assert varying(known).tolist() == [False, True]
    shares = frequencies(known, 3)
    torch.testing.assert_close(shares[1], torch.tensor([0.25, 0.75, 0.0]), atol=1e-4, rtol=0)
    assert shares.min() > 0
