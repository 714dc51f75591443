import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from understudy.layers.conv import conv_decoder, conv_encoder, pyramid

SIZES = st.integers(1, 40)


@given(SIZES, SIZES, st.integers(0, 6))
def test_a_pyramid_halves_rounding_up(height: int, width: int, levels: int) -> None:
    sizes = pyramid(height, width, levels)
    assert len(sizes) == levels + 1
    for level, size in enumerate(sizes):
        assert size == (math.ceil(height / 2**level), math.ceil(width / 2**level))


@settings(max_examples=60)
@given(SIZES, SIZES, st.integers(1, 4), st.sampled_from([1, 3, 5]), st.integers(1, 3), st.booleans())
def test_any_height_and_width_comes_back(
    height: int, width: int, levels: int, kernel: int, depth: int, layer_norm: bool
) -> None:
    shape, channels = (depth, height, width), (2,) * levels
    encode = conv_encoder(shape, channels, kernel, "relu", 3, layer_norm=layer_norm)
    decode = conv_decoder(shape, channels, kernel, "relu", 3, layer_norm=layer_norm)
    codes = encode(torch.rand(2, *shape))
    assert codes.shape == (2, 3)
    assert decode(codes).shape == (2, *shape)


@pytest.mark.parametrize("layer_norm", [False, True])
def test_the_last_layer_is_bare_so_that_any_value_can_come_out(layer_norm: bool) -> None:
    layers = conv_decoder((3, 9, 9), (4, 5), 3, "relu", 2, layer_norm=layer_norm)
    kinds = [type(layer) for layer in layers]
    assert kinds[-1] is nn.ConvTranspose2d
    assert kinds.count(nn.GroupNorm) == layer_norm  # behind the one hidden convolution
    assert conv_encoder((3, 9, 9), (4, 5), 3, "relu", 2, layer_norm=layer_norm)[-1].out_features == 2


def test_a_head_without_bias_is_linear_in_its_input() -> None:
    encode = conv_encoder((1, 4, 4), (2,), 3, "relu", 3, head_bias=False)
    assert encode[-1].bias is None
    assert conv_encoder((1, 4, 4), (2,), 3, "relu", 3)[-1].bias is not None


def test_layer_norm_spans_all_channels_and_places_of_one_item() -> None:
    encode = conv_encoder((1, 8, 8), (4,), 3, "relu", 3, layer_norm=True)
    hidden = encode[:2](torch.rand(5, 1, 8, 8)).detach()
    assert hidden.mean((1, 2, 3)) == pytest.approx(torch.zeros(5), abs=1e-5)
    assert hidden.std((1, 2, 3), correction=0) == pytest.approx(torch.ones(5), abs=1e-2)
