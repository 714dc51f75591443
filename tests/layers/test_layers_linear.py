"""The linear layer beside PyTorch's, with and without a gradient."""

import pytest
import torch
from torch import nn

from understudy.layers import linear
from understudy.layers.linear import Linear, weights_laid_out_once


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(7,), (1, 7), (40, 7), (4, 3, 7)])
def test_it_is_pytorchs(bias: bool, shape: tuple[int, ...]) -> None:
    ours, theirs = Linear(7, 90, bias=bias), nn.Linear(7, 90, bias=bias)
    theirs.load_state_dict(ours.state_dict())
    x = torch.randn(shape)
    torch.testing.assert_close(ours(x), theirs(x))
    assert ours(x).requires_grad
    with torch.no_grad():
        torch.testing.assert_close(ours(x), theirs(x))
        with weights_laid_out_once():
            torch.testing.assert_close(ours(x), theirs(x))
            torch.testing.assert_close(ours(-x), theirs(-x))
        torch.testing.assert_close(ours.double()(x.double()), theirs.double()(x.double()))


def test_weights_that_change_between_two_searches_are_laid_out_anew() -> None:
    layer, x = Linear(7, 90, bias=False), torch.randn(4, 7)
    with torch.no_grad():
        with weights_laid_out_once():
            before = layer(x)
        layer.weight.data *= 2
        torch.testing.assert_close(layer(x), 2 * before)
        with weights_laid_out_once():
            torch.testing.assert_close(layer(x), 2 * before)


@pytest.mark.skipif(linear.LAY_OUT is None, reason="this build of PyTorch cannot")
def test_a_weight_is_laid_out_once_in_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out, laid = linear.LAY_OUT, []
    monkeypatch.setattr(linear, "LAY_OUT", lambda weight, rows: laid.append(weight) or lay_out(weight, rows))
    layers, x = [Linear(7, 9), Linear(7, 5)], torch.randn(4, 7)
    with torch.no_grad():
        layers[0](x)
        with weights_laid_out_once():
            for layer in (*layers, *layers):
                layer(x)
    assert [id(it) for it in laid] == [id(it.weight) for it in layers]


def test_autocast_holds_for_it() -> None:
    layer = Linear(7, 9)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        assert layer(torch.randn(4, 7)).dtype == torch.bfloat16
