import typing
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import nn

from understudy.data.spec import ImageSpec, VectorSpec
from understudy.errors import DataError
from understudy.layers.activations import ACTIVATIONS, Activation
from understudy.layers.coder import CoderOptions, decoder, encoder
from understudy.layers.mlp import mlp

ROWS = VectorSpec(6, (0.0,) * 6, (1.0,) * 6)


def linears(module: nn.Module) -> list[tuple[int, int]]:
    return [(layer.in_features, layer.out_features) for layer in module.modules() if isinstance(layer, nn.Linear)]


def test_every_activation_that_can_be_named_is_there_and_keeps_the_shape() -> None:
    assert set(typing.get_args(Activation)) == set(ACTIVATIONS)
    x = torch.linspace(-2, 2, 9)
    images = [ACTIVATIONS[name]()(x) for name in ACTIVATIONS]
    assert all(image.shape == x.shape for image in images)
    assert all(not torch.equal(a, b) for n, a in enumerate(images) for b in images[:n])


@pytest.mark.parametrize("layer_norm", [False, True])
def test_dense_layers_end_in_a_linear_one(layer_norm: bool) -> None:
    layers = mlp([6, 5, 4, 3], "relu", layer_norm=layer_norm)
    assert linears(layers) == [(6, 5), (5, 4), (4, 3)]
    assert isinstance(layers[-1], nn.Linear)
    assert sum(isinstance(layer, nn.LayerNorm) for layer in layers) == 2 * layer_norm
    assert sum(isinstance(layer, nn.ReLU) for layer in layers) == 2


@pytest.mark.parametrize("layer_norm", [False, True])
def test_one_layer_is_a_linear_map(layer_norm: bool) -> None:
    layers = mlp([6, 3], "relu", layer_norm=layer_norm)
    x, y, zero = torch.randn(4, 6), torch.randn(4, 6), torch.zeros(4, 6)
    assert torch.allclose(layers(x + y), layers(x) + layers(y) - layers(zero), atol=1e-5)


def test_the_decoder_mirrors_the_encoder() -> None:
    options = CoderOptions(hidden=(5, 4))
    inwards, outwards = linears(encoder(ROWS, options, 2)), linears(decoder(ROWS, options, 2))
    assert inwards == [(6, 5), (5, 4), (4, 2)]
    assert outwards == [(outputs, inputs) for inputs, outputs in reversed(inwards)]


@pytest.mark.parametrize("architecture", ["dense", "conv"])
def test_pictures_go_through_either(architecture: Any) -> None:
    spec, options = ImageSpec(2, 5, 7), CoderOptions(architecture=architecture, hidden=(4,), channels=(3, 3))
    codes = encoder(spec, options, 2)(torch.rand(3, *spec.shape))
    assert codes.shape == (3, 2)
    assert decoder(spec, options, 2)(codes).shape == (3, *spec.shape)


@pytest.mark.parametrize("part", [encoder, decoder])
def test_rows_cannot_be_convolved(part: Any) -> None:
    with pytest.raises(DataError, match="needs pictures, the data has rows of 6 values; use --set architecture=dense"):
        part(ROWS, CoderOptions(architecture="conv"), 2)


@pytest.mark.parametrize(
    "wrong", [{"kernel_size": 4}, {"hidden": (3, 0)}, {"channels": ()}, {"channels": (0,)}, {"latent_dim": 0}]
)
def test_sizes_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CoderOptions(**wrong)
