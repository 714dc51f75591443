"""The backward pass by hand against autograd through the cell written out."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from understudy.layers.cells import STEPS, Cell, Unrolled
from understudy.layers.recurrent import Recurrent, RecurrentOptions, initialise
from understudy.layers.through_time import through_time


def made(cell: Cell, dtype: torch.dtype) -> tuple[Unrolled, Tensor, tuple[Tensor, ...]]:
    torch.manual_seed(0)
    layer = Unrolled(cell, 3, 5)
    initialise(layer, cell, "orthogonal")
    with torch.no_grad():
        for bias in (layer.bias_ih_l0, layer.bias_hh_l0):
            bias += torch.randn_like(bias)
    memories = tuple(torch.randn(4, 5, dtype=dtype, requires_grad=True) for _ in range(2 if cell == "lstm" else 1))
    return layer.to(dtype), torch.randn(4, 7, 3, dtype=dtype, requires_grad=True), memories


def by_hand(layer: Unrolled, x: Tensor, memories: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
    drive = F.linear(x.transpose(0, 1), layer.weight_ih_l0, layer.bias_ih_l0)
    y, after = through_time(layer.cell, drive, layer.weight_hh_l0, layer.bias_hh_l0, memories)
    return y.transpose(0, 1), after


@pytest.mark.parametrize("cell", STEPS)
def test_outputs_and_gradients_are_autograds(cell: Cell) -> None:
    """The outputs, the memories after, and every gradient, that of the first memories included."""
    layer, x, memories = made(cell, torch.float64)
    weight, found = torch.randn(4, 7, 5, dtype=torch.float64), []
    for run in (layer, lambda x, memories: by_hand(layer, x, memories)):
        y, after = run(x, memories)
        loss = (y * weight).sum() + sum((memory**2).sum() for memory in after)
        found.append((y, *after, *torch.autograd.grad(loss, [*layer.parameters(), x, *memories])))
    for mine, other in zip(*found, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("cell", STEPS)
def test_in_bf16_gradients_are_near(cell: Cell) -> None:
    layer, x, memories = made(cell, torch.float32)
    gradients = []
    for enabled in (False, True):
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            y, _ = by_hand(layer, x, memories)
        gradients.append(torch.autograd.grad(y.float().square().sum(), [*layer.parameters(), x]))
    assert y.dtype == torch.bfloat16
    for exact, near in zip(*gradients, strict=True):
        assert (exact - near).norm() < 0.05 * exact.norm()


@pytest.mark.parametrize("cell", STEPS)
def test_a_layer_says_the_same_whether_it_learns_or_not(cell: Cell) -> None:
    torch.manual_seed(0)
    core, x = Recurrent(3, RecurrentOptions(cell=cell, hidden_dim=5, num_layers=2)), torch.randn(4, 7, 3)
    learning, end = core(x)
    with torch.no_grad():
        reading, last = core(x)
    torch.testing.assert_close(learning, reading)
    for mine, other in zip(end, last, strict=True):
        torch.testing.assert_close(mine, other)
