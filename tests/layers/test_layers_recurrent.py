"""The fused layers against the equations in NumPy, and what initialisation promises."""

from typing import Any

import numpy as np
import pytest
import torch

from understudy.layers.cells import STEPS, Cell, Unrolled
from understudy.layers.dropout import struck_out
from understudy.layers.recurrent import FUSED, INITIAL, Recurrent, RecurrentOptions
from understudy.scratch.recurrent import RNN
from understudy.settings import validated


def built(seed: int = 0, inputs: int = 3, **options: Any) -> Recurrent:
    torch.manual_seed(seed)
    return Recurrent(inputs, validated(RecurrentOptions, {"hidden_dim": 5, **options}, "options"))


@pytest.mark.parametrize("cell", FUSED)
def test_a_fused_layer_is_the_cell_written_out(cell: Cell) -> None:
    layer = built(cell=cell).double().layers[0]
    book = Unrolled(cell, 3, 5).double()
    book.load_state_dict(layer.inner.state_dict())
    x = torch.randn(4, 7, 3, dtype=torch.float64)
    memories = tuple(torch.randn(4, 5, dtype=torch.float64) for _ in range(2 if cell == "lstm" else 1))
    for mine, other in zip(layer(x, memories), book(x, memories), strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("cell", FUSED)
def test_one_step_without_a_gradient_is_the_fused_layers(cell: Cell) -> None:
    layer = built(cell=cell).layers[0]
    x = torch.randn(4, 1, 3)
    memories = tuple(torch.randn(4, 5) for _ in range(2 if cell == "lstm" else 1))
    fused = layer(x, memories)
    with torch.no_grad():
        for mine, other in zip(layer(x, memories), fused, strict=True):
            torch.testing.assert_close(mine, other)


def test_a_sigmoid_cell_is_its_equation() -> None:
    core, x = built(cell="sigmoid-rnn").double(), torch.randn(4, 2, 3, dtype=torch.float64)
    wi, wh, bi, bh = core.layers[0].inner.parameters()
    first = 1 / (1 + torch.exp(-(x[:, 0] @ wi.T + bi + bh)))
    second = 1 / (1 + torch.exp(-(x[:, 1] @ wi.T + bi + first @ wh.T + bh)))
    torch.testing.assert_close(core(x)[0], torch.stack([first, second], 1), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("cell", STEPS)
def test_layer_norm_takes_out_the_scale_of_what_enters(cell: Cell) -> None:
    """Equation 20 of its paper: the weights' scale does not matter, and without it it does."""
    x = torch.randn(4, 7, 3)
    for layer_norm in (True, False):
        core = built(cell=cell, layer_norm=layer_norm)
        before = core(x)[0]
        with torch.no_grad():
            for name, parameter in core.named_parameters():
                if "weight" in name:
                    parameter *= 3
        assert torch.allclose(core(x)[0], before, atol=1e-3) == layer_norm


@pytest.mark.parametrize("layer_norm", [False, True])
@pytest.mark.parametrize("cell", STEPS)
def test_weight_dropout_strikes_out_the_same_recurrent_weights_at_every_step(cell: Cell, layer_norm: bool) -> None:
    core, x = built(cell=cell, layer_norm=layer_norm, weight_dropout=0.5), torch.randn(2, 9, 3)
    inner = core.layers[0].inner
    kept = inner.weight_hh_l0.detach().clone()
    torch.manual_seed(1)
    struck = core(x)[0]
    assert not torch.equal(core(x)[0], struck)  # others at the next call
    torch.manual_seed(1)
    left = struck_out(kept, 0.5)
    core.eval()
    whole = core(x)[0]
    with torch.no_grad():
        inner.weight_hh_l0.copy_(left)
    torch.testing.assert_close(core(x)[0], struck, rtol=1e-5, atol=1e-6)
    assert not torch.allclose(whole, struck)


def test_struck_out_weights_get_no_gradient_and_stay_what_they_were() -> None:
    core = built(weight_dropout=0.5)
    weight = core.layers[0].inner.weight_hh_l0
    before = weight.detach().clone()
    core(torch.randn(4, 9, 3))[0].sum().backward()
    assert weight.grad is not None and torch.equal(weight, before)
    assert 0.3 < (weight.grad == 0).float().mean() < 0.7
    torch.testing.assert_close(core.eval()(torch.ones(1, 2, 3)), core(torch.ones(1, 2, 3)))


@pytest.mark.parametrize("initialisation", INITIAL)
def test_recurrent_weights_begin_as_asked(initialisation: str) -> None:
    weight = built(initialisation=initialisation).layers[0].inner.weight_hh_l0[:5]
    assert torch.equal(weight, torch.eye(5)) == (initialisation == "identity")
    orthogonal = torch.allclose(weight @ weight.T, torch.eye(5), atol=1e-5)
    assert orthogonal == (initialisation != "xavier")


def test_the_rnn_is_numpys() -> None:
    core = built(cell="rnn").double()
    layer, ours = core.layers[0].inner, RNN(3, 5, np.random.default_rng(0))
    with torch.no_grad():
        layer.weight_ih_l0.copy_(torch.tensor(ours.params["Wx"].T))
        layer.weight_hh_l0.copy_(torch.tensor(ours.params["Wh"].T))
    x = np.random.default_rng(1).normal(size=(2, 6, 3))
    np.testing.assert_allclose(core(torch.tensor(x))[0].detach(), ours.forward(x), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("cell", STEPS)
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
    rest = (torch.zeros(2, 5),) * 2
    first, _ = plain.layers[0](x, rest)
    second, _ = plain.layers[1](first, rest)
    torch.testing.assert_close(residual(x)[0], first + second)
    torch.testing.assert_close(plain(x)[0], second)


def test_dropout_strikes_in_training_alone() -> None:
    core, x = built(dropout=0.5), torch.randn(2, 4, 3)
    assert not torch.equal(core(x)[0], core(x)[0])
    core.eval()
    assert torch.equal(core(x)[0], core(x)[0])


@pytest.mark.parametrize("cell", STEPS)
def test_recurrent_weights_begin_orthogonal_and_the_forget_gate_open(cell: str) -> None:
    layer = built(cell=cell).layers[0].inner
    for gate in layer.weight_hh_l0.split(5):
        torch.testing.assert_close(gate @ gate.T, torch.eye(5), rtol=1e-5, atol=1e-5)
        assert torch.equal(gate, torch.eye(5)) == (cell == "irnn")
    bias = layer.bias_ih_l0 + layer.bias_hh_l0
    assert bias.tolist() == ([0.0] * 5 + [1.0] * 5 + [0.0] * 10 if cell == "lstm" else [0.0] * len(bias))


@pytest.mark.parametrize("cell", STEPS)
def test_in_bf16_gradients_are_near(cell: Cell) -> None:
    core, x = built(cell=cell, num_layers=2), torch.randn(4, 7, 3)
    gradients = []
    for enabled in (False, True):
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            y, _ = core(x)
        gradients.append(torch.autograd.grad(y.float().square().sum(), list(core.parameters())))
    for exact, near in zip(*gradients, strict=True):
        assert (exact - near).norm() < 0.05 * exact.norm()
