"""The problems of benchmarks/memory_tasks.py: targets, baselines and draws."""

import importlib.util
import math
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

FILE = Path(__file__).parent.parent.parent / "benchmarks" / "memory_problems.py"


@pytest.fixture(scope="module")
def problems() -> ModuleType:
    spec = importlib.util.spec_from_file_location("memory_problems", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_adding_asks_for_the_sum_of_the_marked_two(problems: ModuleType) -> None:
    x, y = problems.adding(500, 11, np.random.default_rng(0))
    assert x.shape == (500, 11, 2)
    numbers, markers = x.unbind(2)
    assert markers.sum(1).eq(2).all()
    assert markers[:, :5].sum(1).eq(1).all()
    assert markers[:, 5:].sum(1).eq(1).all()
    assert markers.sum(0).gt(0).all()  # every place is marked at times
    torch.testing.assert_close((numbers * markers).sum(1), y)
    assert numbers.min() >= 0
    assert numbers.max() < 1


def test_copying_asks_for_the_ten_after_the_wait(problems: ModuleType) -> None:
    x, y = problems.copying(50, 7, np.random.default_rng(0))
    assert x.shape == (50, 27, 10)
    tokens = x.argmax(2)
    assert x.sum(2).eq(1).all()
    assert tokens[:, :10].lt(8).all()
    assert tokens[0, 10:].tolist() == [8] * 6 + [9] + [8] * 10  # a wait of 7 whose last token asks, then room
    assert torch.equal(y[:, -10:], tokens[:, :10])
    assert y[:, :-10].eq(8).all()
    assert len(tokens[:, :10].unique()) == 8


def test_baselines_are_the_losses_of_the_best_answers_without_a_memory(problems: ModuleType) -> None:
    adding, copying = problems.PROBLEMS["adding"], problems.PROBLEMS["copy-memory"]
    _, y = adding.draw(200_000, 4, np.random.default_rng(0))
    assert adding.loss(torch.ones(len(y), 1, 1), y).item() == pytest.approx(adding.baseline(4), rel=0.01)
    _, y = copying.draw(500, 30, np.random.default_rng(0))
    answers = torch.full((*y.shape, 9), -1e4)
    answers[:, :-10, 8] = 0  # blank until asked, then each of the eight alike
    answers[:, -10:, :8] = 0
    assert copying.loss(answers, y).item() == pytest.approx(copying.baseline(30), rel=1e-5)
    assert copying.baseline(30) == pytest.approx(10 * math.log(8) / 50)


@pytest.mark.parametrize("name", ["adding", "copy-memory"])
def test_a_perfect_memory_has_no_loss(problems: ModuleType, name: str) -> None:
    problem = problems.PROBLEMS[name]
    _, y = problem.draw(20, 12, np.random.default_rng(0))
    right = y[:, None, None] if name == "adding" else 1e4 * torch.nn.functional.one_hot(y, 9).float()
    assert problem.loss(right, y).item() == 0


def test_batches_differ_and_come_again_with_their_seed(problems: ModuleType) -> None:
    spec = problems.ProblemSpec(problems.PROBLEMS["adding"], 6)
    train, test = problems.Draws(spec, 50, 0), problems.Draws(spec, 50, 2)
    first, again, other = (list(train.batches(20, seed, 0, 0)) for seed in (1, 1, 2))
    assert [len(batch) for batch in first] == [20, 20, 10]
    assert all(torch.equal(mine.x, its.x) for mine, its in zip(first, again, strict=True))
    assert torch.equal(first[1].x, next(iter(train.batches(20, 1, 0, 1))).x)  # resumed at its second batch
    distinct = [*first, *other, *test.in_order(20)]
    assert len({batch.x[0, 0, 0].item() for batch in distinct}) == len(distinct)
    assert spec.shape == (6, 2)
