"""Forward and backward agree with PyTorch's autograd in float64 to 1e-10."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from understudy.errors import OptionError
from understudy.scratch import activations, losses, optimizers
from understudy.scratch.dense import Dense
from understudy.scratch.recurrent import RNN
from understudy.scratch.schedules import PiecewiseConstant
from understudy.scratch.sequential import Sequential

SIZE = st.integers(1, 6)
SEED = st.integers(0, 100)


def assert_agree(ours: Any, theirs: torch.Tensor) -> None:
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-10, atol=1e-10)


def leaf(array: Any) -> torch.Tensor:
    return torch.tensor(array, dtype=torch.float64, requires_grad=True)


ACTIVATIONS: dict[str, tuple[Callable[[], Any], Callable[[torch.Tensor], torch.Tensor]]] = {
    "relu": (activations.ReLU, torch.relu),
    "leaky relu": (lambda: activations.LeakyReLU(0.2), nn.LeakyReLU(0.2)),
    "sigmoid": (activations.Sigmoid, torch.sigmoid),
    "tanh": (activations.Tanh, torch.tanh),
    "softmax": (activations.Softmax, nn.Softmax(-1)),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
@given(n=SIZE, d=SIZE, seed=SEED, scale=st.sampled_from([0.0, 1.0, 30.0, 800.0]))
def test_activations(name: str, n: int, d: int, seed: int, scale: float) -> None:
    layer, reference = ACTIVATIONS[name][0](), ACTIVATIONS[name][1]
    generator = np.random.default_rng(seed)
    x, dy = scale * generator.normal(size=(n, d)), generator.normal(size=(n, d))
    theirs = leaf(x)
    y = reference(theirs)
    assert_agree(layer.forward(x), y)
    y.backward(torch.tensor(dy))
    assert_agree(layer.backward(dy), theirs.grad)


@given(n=SIZE, d=SIZE, k=SIZE, seed=SEED)
def test_dense(n: int, d: int, k: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    layer = Dense(d, k, generator)
    layer.params["b"] += generator.normal(size=k)
    x, dy = generator.normal(size=(n, d)), generator.normal(size=(n, k))
    tx, tw, tb = leaf(x), leaf(layer.params["W"]), leaf(layer.params["b"])
    y = tx @ tw + tb
    assert_agree(layer.forward(x), y)
    y.backward(torch.tensor(dy))
    assert_agree(layer.backward(dy), tx.grad)
    assert_agree(layer.grads["W"], tw.grad)
    assert_agree(layer.grads["b"], tb.grad)


LOSSES: dict[str, tuple[Callable[[], Any], Callable[..., torch.Tensor]]] = {
    "mse": (losses.MeanSquaredError, nn.functional.mse_loss),
    "bce": (losses.BinaryCrossEntropy, nn.functional.binary_cross_entropy),
    "bce from logits": (losses.BinaryCrossEntropyFromLogits, nn.functional.binary_cross_entropy_with_logits),
    "softmax": (losses.SoftmaxCrossEntropy, nn.functional.cross_entropy),
}


@pytest.mark.parametrize("name", LOSSES)
@given(n=SIZE, d=SIZE, seed=SEED, scale=st.sampled_from([1.0, 40.0]))
def test_losses(name: str, n: int, d: int, seed: int, scale: float) -> None:
    loss, reference = LOSSES[name][0](), LOSSES[name][1]
    generator = np.random.default_rng(seed)
    p = generator.uniform(0.01, 0.99, (n, d)) if name == "bce" else scale * generator.normal(size=(n, d))
    t: Any = generator.integers(0, d, n) if name == "softmax" else generator.uniform(size=(n, d))
    theirs = leaf(p)
    value = reference(theirs, torch.tensor(t))
    assert_agree(loss.forward(p, t), value)
    value.backward()
    assert_agree(loss.backward(), theirs.grad)
    assert_agree(loss.backward(3.0), 3 * theirs.grad)


def test_cross_entropy_of_a_certain_mistake_is_finite_as_in_torch() -> None:
    p, t = np.array([[0.0, 1.0]]), np.array([[1.0, 1.0]])
    ours = losses.BinaryCrossEntropy().forward(p, t)
    assert_agree(ours, nn.functional.binary_cross_entropy(torch.tensor(p), torch.tensor(t)))


@given(n=SIZE, steps=SIZE, d=SIZE, k=SIZE, seed=SEED)
def test_rnn_over_time(n: int, steps: int, d: int, k: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    layer = RNN(d, k, generator)
    layer.params["b"] += generator.normal(size=k)
    reference = nn.RNN(d, k, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        reference.weight_ih_l0.copy_(torch.tensor(layer.params["Wx"].T))
        reference.weight_hh_l0.copy_(torch.tensor(layer.params["Wh"].T))
        reference.bias_ih_l0.copy_(torch.tensor(layer.params["b"]))
        reference.bias_hh_l0.zero_()
    x, dy = generator.normal(size=(n, steps, d)), generator.normal(size=(n, steps, k))
    theirs = leaf(x)
    y, _ = reference(theirs)
    assert_agree(layer.forward(x), y)
    y.backward(torch.tensor(dy))
    assert_agree(layer.backward(dy), theirs.grad)
    assert_agree(layer.grads["Wx"].T, reference.weight_ih_l0.grad)
    assert_agree(layer.grads["Wh"].T, reference.weight_hh_l0.grad)
    assert_agree(layer.grads["b"], reference.bias_ih_l0.grad)


def test_a_network_trains_as_in_torch() -> None:
    generator = np.random.default_rng(0)
    network = Sequential([Dense(6, 4, generator), activations.ReLU(), Dense(4, 6, generator), activations.Sigmoid()])
    reference = nn.Sequential(nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 6), nn.Sigmoid()).double()
    with torch.no_grad():
        for theirs, ours in zip(reference.parameters(), network.params.values(), strict=True):
            theirs.copy_(torch.tensor(ours.T))
    x = generator.uniform(size=(9, 6))
    loss, ours_steps = losses.MeanSquaredError(), optimizers.Adagrad(0.5)
    their_steps = torch.optim.Adagrad(reference.parameters(), 0.5)
    for _ in range(20):
        value = loss.forward(network.forward(x), x)
        network.backward(loss.backward())
        ours_steps.step(network.params, network.grads)
        theirs_value = nn.functional.mse_loss(reference(torch.tensor(x)), torch.tensor(x))
        their_steps.zero_grad()
        theirs_value.backward()
        their_steps.step()
        assert_agree(value, theirs_value)
    for theirs, ours in zip(reference.parameters(), network.params.values(), strict=True):
        assert_agree(ours.T, theirs)


OPTIMIZERS: dict[str, tuple[Callable[[], Any], Callable[[Any], torch.optim.Optimizer]]] = {
    "sgd": (lambda: optimizers.SGD(0.1), lambda p: torch.optim.SGD(p, 0.1)),
    "momentum": (lambda: optimizers.SGD(0.1, 0.9), lambda p: torch.optim.SGD(p, 0.1, momentum=0.9)),
    "adagrad": (lambda: optimizers.Adagrad(0.3), lambda p: torch.optim.Adagrad(p, 0.3)),
    "adagrad from 2": (
        lambda: optimizers.Adagrad(0.3, start=2.0),
        lambda p: torch.optim.Adagrad(p, 0.3, initial_accumulator_value=2.0),
    ),
    "adam": (lambda: optimizers.Adam(0.01, (0.8, 0.99)), lambda p: torch.optim.Adam(p, 0.01, (0.8, 0.99))),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer_steps(name: str) -> None:
    generator = np.random.default_rng(0)
    params = {"W": generator.normal(size=(3, 4)), "b": generator.normal(size=4)}
    theirs = [leaf(params["W"]), leaf(params["b"])]
    ours, reference = OPTIMIZERS[name][0](), OPTIMIZERS[name][1](theirs)
    for step in range(30):
        ours.rate = reference.param_groups[0]["lr"] = 0.1 / (1 + step // 10)  # a schedule may set the rate
        grads = {key: generator.normal(size=value.shape) for key, value in params.items()}
        for tensor, grad in zip(theirs, grads.values(), strict=True):
            tensor.grad = torch.tensor(grad)
        ours.step(params, grads)
        reference.step()
        for array, tensor in zip(params.values(), theirs, strict=True):
            assert_agree(array, tensor)


def test_piecewise_constant_rate() -> None:
    rate = PiecewiseConstant([70, 90], [0.5, 0.3, 0.1])
    assert [rate(time) for time in (0, 69, 70, 89.5, 90, 200)] == [0.5, 0.5, 0.3, 0.3, 0.1, 0.1]
    with pytest.raises(OptionError, match="1 boundaries need 2 rates, got 1"):
        PiecewiseConstant([70], [0.5])
    with pytest.raises(OptionError, match="rise"):
        PiecewiseConstant([70, 70], [0.5, 0.3, 0.1])
