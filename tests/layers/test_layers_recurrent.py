"""The fused layers against the equations in NumPy, and what initialisation promises."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from understudy.layers.recurrent import CELLS, Recurrent, RecurrentOptions
from understudy.scratch.recurrent import RNN
from understudy.settings import validated


def built(seed: int = 0, inputs: int = 3, **options: Any) -> Recurrent:
    torch.manual_seed(seed)
    return Recurrent(inputs, validated(RecurrentOptions, {"hidden_dim": 5, **options}, "options"))


def sigmoid(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-x))


def by_the_book(cell: str, layer: Any, x: Tensor) -> Tensor:
    """One layer step by step: the cell's equations as they are printed."""
    wi, wh, bi, bh = layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, layer.bias_hh_l0
    h = c = torch.zeros(len(x), 5, dtype=x.dtype)
    outputs = []
    for step in range(x.shape[1]):
        a, b = x[:, step] @ wi.T + bi, h @ wh.T + bh
        if cell == "lstm":
            i, f, g, o = (a + b).chunk(4, 1)
            c = sigmoid(f) * c + sigmoid(i) * torch.tanh(g)
            h = sigmoid(o) * torch.tanh(c)
        elif cell == "gru":
            (ar, az, an), (br, bz, bn) = a.chunk(3, 1), b.chunk(3, 1)
            n = torch.tanh(an + sigmoid(ar + br) * bn)
            z = sigmoid(az + bz)
            h = (1 - z) * n + z * h
        else:
            h = torch.tanh(a + b) if cell == "rnn" else torch.relu(a + b)
        outputs.append(h)
    return torch.stack(outputs, 1)


@pytest.mark.parametrize("cell", CELLS)
def test_a_layer_is_its_equations(cell: str) -> None:
    core, x = built(cell=cell).double(), torch.randn(4, 7, 3, dtype=torch.float64)
    torch.testing.assert_close(core(x)[0], by_the_book(cell, core.layers[0], x), rtol=1e-10, atol=1e-10)


def test_the_rnn_is_numpys() -> None:
    core = built(cell="rnn").double()
    layer, ours = core.layers[0], RNN(3, 5, np.random.default_rng(0))
    with torch.no_grad():
        layer.weight_ih_l0.copy_(torch.tensor(ours.params["Wx"].T))
        layer.weight_hh_l0.copy_(torch.tensor(ours.params["Wh"].T))
    x = np.random.default_rng(1).normal(size=(2, 6, 3))
    np.testing.assert_allclose(core(torch.tensor(x))[0].detach(), ours.forward(x), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_two_halves_with_the_state_handed_on_are_the_whole(cell: str, layers: int) -> None:
    core, x = built(cell=cell, num_layers=layers).eval(), torch.randn(2, 9, 3)
    whole, end = core(x)
    first, state = core(x[:, :4])
    second, last = core(x[:, 4:], state)
    torch.testing.assert_close(torch.cat([first, second], 1), whole, rtol=1e-5, atol=1e-6)
    for mine, other in zip(last, end, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-5, atol=1e-6)


def test_a_residual_layer_adds_its_input() -> None:
    plain, residual = (built(num_layers=2, residual=it).eval() for it in (False, True))
    x = torch.randn(2, 4, 3)
    first, _ = plain.layers[0](x)
    second, _ = plain.layers[1](first)
    torch.testing.assert_close(residual(x)[0], first + second)
    torch.testing.assert_close(plain(x)[0], second)


def test_dropout_strikes_in_training_alone() -> None:
    core, x = built(dropout=0.5), torch.randn(2, 4, 3)
    assert not torch.equal(core(x)[0], core(x)[0])
    core.eval()
    assert torch.equal(core(x)[0], core(x)[0])


@pytest.mark.parametrize("cell", CELLS)
def test_recurrent_weights_begin_orthogonal_and_the_forget_gate_open(cell: str) -> None:
    layer = built(cell=cell).layers[0]
    for gate in layer.weight_hh_l0.split(5):
        torch.testing.assert_close(gate @ gate.T, torch.eye(5), rtol=1e-5, atol=1e-5)
        assert torch.equal(gate, torch.eye(5)) == (cell == "irnn")
    bias = layer.bias_ih_l0 + layer.bias_hh_l0
    assert bias.tolist() == ([0.0] * 5 + [1.0] * 5 + [0.0] * 10 if cell == "lstm" else [0.0] * len(bias))
