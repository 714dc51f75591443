"""Generators and discriminators for items of any spec: dense, convolutional, or residual.

A generator ends before its output activation; a discriminator is a trunk, whose features the caller's head weighs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

from understudy.data.spec import ImageSpec, Spec
from understudy.layers.batch_deviation import BatchDeviation
from understudy.layers.coder import picture
from understudy.layers.conv import pyramid
from understudy.layers.layout import Features, Places

Architecture = Literal["auto", "dense", "conv", "residual"]
Norm = Literal["none", "batch", "layer"]

SLOPE = 0.2  # of leaky ReLU, as in DCGAN
INITIAL_DEVIATION = 0.02  # of convolutions' weights, as in DCGAN


@dataclass(frozen=True)
class PlayerShape:
    """What decides a player's layers.

    Attributes:
        hidden: sizes of dense hidden layers, in the generator's order.
        channels: channels of convolutions, in the discriminator's order.
        blocks: residual blocks at each size.
    """

    architecture: Architecture
    hidden: tuple[int, ...]
    channels: tuple[int, ...]
    blocks: int
    norm: Norm


class Crop(nn.Module):
    """Cuts a picture to a height and width: (batch, channels, ...) -> (batch, channels, height, width)."""

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        self.height, self.width = height, width

    def forward(self, x: Tensor) -> Tensor:
        """Rows and columns beyond are left out."""
        return x[:, :, : self.height, : self.width]


class Residual(nn.Module):
    """x + f(x), where f begins as 0, so that a deep network without normalisation begins as a shallow one.

    Reference: Zhang et al., 2019, Fixup Initialization, arXiv:1901.09321; for GANs: arXiv:2501.05441, section 3.
    """

    def __init__(self, first: nn.Linear | nn.Conv2d, last: nn.Linear | nn.Conv2d) -> None:
        super().__init__()
        nn.init.zeros_(last.weight)
        self.branch = nn.Sequential(nn.LeakyReLU(SLOPE), first, nn.LeakyReLU(SLOPE), last)

    def forward(self, x: Tensor) -> Tensor:
        """Shape for shape."""
        out: Tensor = x + self.branch(x)
        return out


def chosen(spec: Spec, architecture: Architecture) -> Architecture:
    """The architecture that `auto` stands for: convolutions for pictures."""
    if architecture != "auto":
        return architecture
    return "conv" if isinstance(spec, ImageSpec) else "dense"


def generator(spec: Spec, inputs: int, shape: PlayerShape) -> nn.Sequential:
    """From noise to one item before its output activation.

    Shapes: (batch, inputs) -> (batch, *spec.shape)

    Raises:
        DataError: convolutions were asked for, and the items are not pictures that can be halved so often.
    """
    return _laid_out(GENERATORS[_layers(spec, shape)](spec, inputs, shape))


def trunk(spec: Spec, packed: int, shape: PlayerShape, *, batch_deviation: bool) -> tuple[nn.Sequential, int]:
    """From `packed` items side by side to features, and how many features there are.

    Shapes: (batch, packed * spec.shape[0], *spec.shape[1:]) -> (batch, features)

    Raises:
        DataError: as `generator`.
    """
    layers, final = TRUNKS[_layers(spec, shape)](spec, packed, shape)
    spread = [BatchDeviation()] * batch_deviation
    features = (final[0] + batch_deviation, *final[1:])
    return _laid_out(nn.Sequential(*layers, *spread, Features())), torch.Size(features).numel()


def _laid_out(player: nn.Sequential) -> nn.Sequential:
    """With its convolutions' weights as `layers.layout` wants them."""
    return player.to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def _layers(spec: Spec, shape: PlayerShape) -> str:
    name = chosen(spec, shape.architecture)
    return name if name != "residual" or isinstance(spec, ImageSpec) else "dense-residual"


def _norm(kind: Norm, features: int, *, flat: bool) -> list[nn.Module]:
    if kind == "batch":
        return [nn.BatchNorm1d(features) if flat else nn.BatchNorm2d(features)]
    if kind == "layer":
        return [nn.LayerNorm(features) if flat else nn.GroupNorm(1, features)]
    return []


def _dense_generator(spec: Spec, inputs: int, shape: PlayerShape) -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after in pairwise([inputs, *shape.hidden]):
        layers += [nn.Linear(before, after), *_norm(shape.norm, after, flat=True), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(shape.hidden[-1], spec.size), nn.Unflatten(1, spec.shape))


def _dense_trunk(spec: Spec, packed: int, shape: PlayerShape) -> tuple[list[nn.Module], tuple[int, ...]]:
    layers: list[nn.Module] = [nn.Flatten()]
    for number, (before, after) in enumerate(pairwise([packed * spec.size, *shape.hidden[::-1]])):
        norm = _norm(shape.norm if number else "none", after, flat=True)  # DCGAN leaves it out at the items, too
        layers += [nn.Linear(before, after), *norm, nn.LeakyReLU(SLOPE)]
    return layers, (shape.hidden[0],)


def _conv_generator(spec: Spec, inputs: int, shape: PlayerShape) -> nn.Sequential:
    depth, height, width = picture(spec, shape.channels).shape
    sizes = pyramid(height, width, len(shape.channels))[::-1]
    widths = [*shape.channels[::-1], depth]
    layers: list[nn.Module] = [
        nn.Linear(inputs, widths[0] * sizes[0][0] * sizes[0][1]),
        Places(1, (widths[0], *sizes[0])),
    ]
    for before, after, size in zip(widths[:-1], widths[1:], sizes[1:], strict=True):
        layers += [*_norm(shape.norm, before, flat=False), nn.ReLU(), *_up(before, after, size)]
    return _drawn(nn.Sequential(*layers))


def _conv_trunk(spec: Spec, packed: int, shape: PlayerShape) -> tuple[list[nn.Module], tuple[int, ...]]:
    depth, height, width = picture(spec, shape.channels).shape
    sizes = pyramid(height, width, len(shape.channels))
    layers: list[nn.Module] = []
    for number, (before, after) in enumerate(pairwise([packed * depth, *shape.channels])):
        norm = _norm(shape.norm if number else "none", after, flat=False)
        layers += [*_down(before, after, sizes[number]), *norm, nn.LeakyReLU(SLOPE)]
    return [*_drawn(nn.Sequential(*layers))], (shape.channels[-1], *sizes[-1])


def _residual_generator(spec: Spec, inputs: int, shape: PlayerShape) -> nn.Sequential:
    depth, height, width = picture(spec, shape.channels).shape
    sizes = pyramid(height, width, len(shape.channels))[::-1]
    widths = [*shape.channels[::-1], depth]
    layers: list[nn.Module] = [
        nn.Linear(inputs, widths[0] * sizes[0][0] * sizes[0][1]),
        Places(1, (widths[0], *sizes[0])),
    ]
    for before, after, size in zip(widths[:-1], widths[1:], sizes[1:], strict=True):
        layers += [*_conv_blocks(before, shape.blocks), nn.LeakyReLU(SLOPE), *_up(before, after, size)]
    return nn.Sequential(*layers)


def _residual_trunk(spec: Spec, packed: int, shape: PlayerShape) -> tuple[list[nn.Module], tuple[int, ...]]:
    depth, height, width = picture(spec, shape.channels).shape
    sizes = pyramid(height, width, len(shape.channels))
    layers: list[nn.Module] = []
    for number, (before, after) in enumerate(pairwise([packed * depth, *shape.channels])):
        active = [nn.LeakyReLU(SLOPE)] * (number > 0)
        layers += [*active, *_down(before, after, sizes[number]), *_conv_blocks(after, shape.blocks)]
    return [*layers, nn.LeakyReLU(SLOPE)], (shape.channels[-1], *sizes[-1])


def _dense_residual_generator(spec: Spec, inputs: int, shape: PlayerShape) -> nn.Sequential:
    width = shape.hidden[-1]
    layers = [nn.Linear(inputs, width), *_dense_blocks(width, shape.blocks * len(shape.hidden)), nn.LeakyReLU(SLOPE)]
    return nn.Sequential(*layers, nn.Linear(width, spec.size), nn.Unflatten(1, spec.shape))


def _dense_residual_trunk(spec: Spec, packed: int, shape: PlayerShape) -> tuple[list[nn.Module], tuple[int, ...]]:
    width = shape.hidden[-1]
    blocks = _dense_blocks(width, shape.blocks * len(shape.hidden))
    return [nn.Flatten(), nn.Linear(packed * spec.size, width), *blocks, nn.LeakyReLU(SLOPE)], (width,)


def _dense_blocks(width: int, count: int) -> list[nn.Module]:
    return [Residual(nn.Linear(width, width), nn.Linear(width, width)) for _ in range(count)]


def _conv_blocks(channels: int, count: int) -> list[nn.Module]:
    return [
        Residual(nn.Conv2d(channels, channels, 3, padding=1), nn.Conv2d(channels, channels, 3, padding=1))
        for _ in range(count)
    ]


def _up(before: int, after: int, size: tuple[int, int]) -> list[nn.Module]:
    """Twice the height and width; an odd size loses a row or column of that."""
    crop = [Crop(*size)] * any(side % 2 for side in size)
    return [nn.ConvTranspose2d(before, after, 4, stride=2, padding=1), *crop]


def _down(before: int, after: int, size: tuple[int, int]) -> list[nn.Module]:
    """Half the height and width, an odd size rounded up."""
    pad = [nn.ZeroPad2d((0, size[1] % 2, 0, size[0] % 2))] * any(side % 2 for side in size)
    return [*pad, nn.Conv2d(before, after, 4, stride=2, padding=1)]


def _drawn(layers: nn.Sequential) -> nn.Sequential:
    """The layers with DCGAN's initial weights."""
    for layer in layers:
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(layer.weight, std=INITIAL_DEVIATION)
    return layers


Generator = Callable[[Spec, int, PlayerShape], nn.Sequential]
Trunk = Callable[[Spec, int, PlayerShape], tuple[Sequence[nn.Module], tuple[int, ...]]]
GENERATORS: dict[str, Generator] = {
    "dense": _dense_generator,
    "conv": _conv_generator,
    "residual": _residual_generator,
    "dense-residual": _dense_residual_generator,
}
TRUNKS: dict[str, Trunk] = {
    "dense": _dense_trunk,
    "conv": _conv_trunk,
    "residual": _residual_trunk,
    "dense-residual": _dense_residual_trunk,
}
