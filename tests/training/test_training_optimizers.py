"""Each optimizer's steps against the formulas of its paper, written out in NumPy for one weight vector."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from made import Toy, session_of
from numpy.typing import NDArray
from pydantic import ValidationError
from torch import nn

from understudy.training.config import TrainingConfig
from understudy.training.optimizers import OPTIMIZERS, optimizer

Vector = NDArray[np.float64]
Rule = Callable[[], Iterator[Any]]
RATE, MOMENTUM, BETA1, BETA2, DECAY = 0.1, 0.8, 0.7, 0.95, 0.05
START = np.array([1.0, -2.0, 0.5])
GRADIENTS = [np.array([0.3, -0.1, 2.0]), np.array([-0.2, 0.4, 1.0]), np.array([0.1, 0.1, -3.0])]


def sgd() -> Iterator[Any]:
    update = 0.0
    while True:
        gradient = yield update
        update = RATE * gradient


def momentum() -> Iterator[Any]:
    velocity = update = 0.0
    while True:
        gradient = yield update
        velocity = MOMENTUM * velocity + gradient
        update = RATE * velocity


def nesterov() -> Iterator[Any]:
    velocity = update = 0.0
    while True:
        gradient = yield update
        velocity = MOMENTUM * velocity + gradient
        update = RATE * (gradient + MOMENTUM * velocity)


def adagrad() -> Iterator[Any]:
    total = update = 0.0
    while True:
        gradient = yield update
        total = total + gradient**2
        update = RATE * gradient / np.sqrt(total)


def rmsprop() -> Iterator[Any]:
    mean = update = 0.0
    while True:
        gradient = yield update
        mean = 0.99 * mean + 0.01 * gradient**2
        update = RATE * gradient / np.sqrt(mean)


def adam() -> Iterator[Any]:
    first = second = update = 0.0
    step = 0
    while True:
        gradient = yield update
        step += 1
        first = BETA1 * first + (1 - BETA1) * gradient
        second = BETA2 * second + (1 - BETA2) * gradient**2
        update = RATE * first / (1 - BETA1**step) / np.sqrt(second / (1 - BETA2**step))


def adamax() -> Iterator[Any]:
    first = largest = update = 0.0
    step = 0
    while True:
        gradient = yield update
        step += 1
        first = BETA1 * first + (1 - BETA1) * gradient
        largest = np.maximum(BETA2 * largest, np.abs(gradient))
        update = RATE / (1 - BETA1**step) * first / largest


FORMULAS: dict[str, Rule] = {
    "sgd": sgd,
    "momentum": momentum,
    "nesterov": nesterov,
    "adagrad": adagrad,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamw": adam,
    "adamax": adamax,
}


def by_the_book(name: str, decay: float) -> Vector:
    """Decay is part of the gradient (coupled), except AdamW's, which shrinks the weights (Loshchilov and Hutter)."""
    weight, rule = START.copy(), FORMULAS[name]()
    next(rule)
    for gradient in GRADIENTS:
        coupled = gradient + (0 if name == "adamw" else decay) * weight
        shrunk = weight * (1 - RATE * decay) if name == "adamw" else weight
        weight = shrunk - rule.send(coupled)
    return weight


def test_every_optimizer_has_a_formula_here() -> None:
    assert FORMULAS.keys() == OPTIMIZERS.keys()


@pytest.mark.parametrize("decay", [0.0, DECAY])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_three_steps_are_the_textbooks(name: Any, decay: float) -> None:
    settings = {"learning_rate": RATE, "momentum": MOMENTUM, "beta1": BETA1, "beta2": BETA2, "weight_decay": decay}
    parameter = nn.Parameter(torch.tensor(START))
    built = optimizer([parameter], TrainingConfig(steps=1, optimizer=name, **settings))
    for gradient in GRADIENTS:
        parameter.grad = torch.tensor(gradient)
        built.step()
    np.testing.assert_allclose(parameter.detach().numpy(), by_the_book(name, decay), rtol=1e-5)


def test_coupled_and_decoupled_decay_differ() -> None:
    assert not np.allclose(by_the_book("adam", DECAY), by_the_book("adamw", DECAY))


def test_nesterov_without_momentum_is_refused_before_a_run_begins() -> None:
    with pytest.raises(ValidationError, match="nesterov needs momentum above 0"):
        TrainingConfig(steps=1, optimizer="nesterov", momentum=0)


def test_the_schedules_rate_reaches_every_player() -> None:
    session = session_of(Toy(), learning_rate=0.25)
    session.rate_factor = 0.5
    session.set_learning_rate()
    assert [group["lr"] for group in session.movers["network"].optimizer.param_groups] == [0.125]
