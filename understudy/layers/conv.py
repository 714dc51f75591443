"""Convolutional encoder and its mirror, for pictures of any height and width."""

from collections.abc import Sequence
from itertools import pairwise

from torch import nn

from understudy.layers.activations import ACTIVATIONS, Activation

Shape = tuple[int, ...]


def pyramid(height: int, width: int, levels: int) -> list[tuple[int, int]]:
    """Height and width before and after each of `levels` halvings, odd sizes rounded up.

    Example:
        >>> pyramid(28, 28, 3)
        [(28, 28), (14, 14), (7, 7), (4, 4)]
    """
    sizes = [(height, width)]
    for _ in range(levels):
        height, width = (height + 1) // 2, (width + 1) // 2
        sizes.append((height, width))
    return sizes


def halvings(height: int, width: int) -> int:
    """How often a picture can be halved before it is one pixel.

    Example:
        >>> halvings(28, 28), halvings(1, 1)
        (5, 0)
    """
    return (max(height, width) - 1).bit_length()


def hidden(channels: int, activation: Activation, layer_norm: bool) -> list[nn.Module]:
    """What stands behind a hidden convolution: layer norm over all channels and places if asked for, an activation."""
    return [nn.GroupNorm(1, channels)] * layer_norm + [ACTIVATIONS[activation]()]


def downsampling(
    channels: Sequence[int], kernel_size: int, activation: Activation, *, layer_norm: bool = False
) -> list[nn.Module]:
    """Stride-2 convolutions from channels[0] to channels[-1], each followed by an activation.

    Shapes: (batch, channels[0], height, width) -> (batch, channels[-1], *pyramid(...)[-1])
    """
    layers: list[nn.Module] = []
    for inputs, features in pairwise(channels):
        layers += [
            nn.Conv2d(inputs, features, kernel_size, stride=2, padding=kernel_size // 2),
            *hidden(features, activation, layer_norm),
        ]
    return layers


def upsampling(
    sizes: Sequence[tuple[int, int]],
    channels: Sequence[int],
    kernel_size: int,
    activation: Activation,
    *,
    layer_norm: bool = False,
) -> list[nn.Module]:
    """Transposed convolutions from channels[0] to channels[-1], an activation between them.

    Shapes: (batch, channels[0], *sizes[0]) -> (batch, channels[-1], *sizes[-1])
    """
    layers: list[nn.Module] = []
    for (source, target), (before, after) in zip(pairwise(channels), pairwise(sizes), strict=True):
        # A stride-2 transposed convolution with odd kernel makes 2n - 1 from n; output_padding adds the missing one.
        missing = (after[0] - 2 * before[0] + 1, after[1] - 2 * before[1] + 1)
        layers += [
            nn.ConvTranspose2d(source, target, kernel_size, stride=2, padding=kernel_size // 2, output_padding=missing),
            *hidden(target, activation, layer_norm),
        ]
    return layers[: -1 - layer_norm]


def conv_encoder(
    shape: Shape,
    channels: Sequence[int],
    kernel_size: int,
    activation: Activation,
    outputs: int,
    *,
    layer_norm: bool = False,
    head_bias: bool = True,
) -> nn.Sequential:
    """Stride-2 convolutions, each followed by an activation, then one linear head.

    Shapes: (batch, *shape) -> (batch, outputs)
    """
    depth, height, width = shape
    layers = downsampling([depth, *channels], kernel_size, activation, layer_norm=layer_norm)
    height, width = pyramid(height, width, len(channels))[-1]
    head = nn.Linear(channels[-1] * height * width, outputs, bias=head_bias)
    return nn.Sequential(*layers, nn.Flatten(), head)


def conv_decoder(
    shape: Shape,
    channels: Sequence[int],
    kernel_size: int,
    activation: Activation,
    inputs: int,
    *,
    layer_norm: bool = False,
) -> nn.Sequential:
    """The mirror of `conv_encoder`: one linear layer, then transposed convolutions up to exactly `shape`.

    Shapes: (batch, inputs) -> (batch, *shape)
    """
    depth, height, width = shape
    sizes = pyramid(height, width, len(channels))[::-1]
    widths = [*channels[::-1], depth]
    return nn.Sequential(
        nn.Linear(inputs, widths[0] * sizes[0][0] * sizes[0][1]),
        ACTIVATIONS[activation](),
        nn.Unflatten(1, (widths[0], *sizes[0])),
        *upsampling(sizes, widths, kernel_size, activation, layer_norm=layer_norm),
    )
