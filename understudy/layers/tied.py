"""Tied weights: a decoder that works with its encoder's weights, transposed, and has biases of its own."""

from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn


class Tied(nn.Module):
    """A layer without a weight of its own.

    Args:
        own: the layer that it stands for; its bias is kept.
        source: the layer whose weight it uses.
    """

    def __init__(self, own: Any, source: Any) -> None:
        super().__init__()
        self.bias = own.bias
        self._source = (source,)  # in a tuple: as a submodule its weight would be counted and saved twice


class TiedLinear(Tied):
    """y = W' x + b, where W is the source's.

    Shapes: (batch, source.out_features) -> (batch, source.in_features)
    """

    @property
    def weight(self) -> Tensor:
        """The source's weight transposed, sharing its memory."""
        weight: Tensor = self._source[0].weight
        return weight.T

    def forward(self, x: Tensor) -> Tensor:
        """The map of each row."""
        return F.linear(x, self.weight, self.bias)


class TiedConvTranspose(Tied):
    """The transpose of the source, a convolution; its output has the size that `own` gives it."""

    def __init__(self, own: nn.ConvTranspose2d, source: nn.Conv2d) -> None:
        super().__init__(own, source)
        self.stride, self.padding, self.output_padding = own.stride, own.padding, own.output_padding

    @property
    def weight(self) -> Tensor:
        """The source's weight; a transposed convolution reads it the other way round."""
        weight: Tensor = self._source[0].weight
        return weight

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, height, width) -> larger by the stride."""
        return F.conv_transpose2d(x, self.weight, self.bias, self.stride, self.padding, self.output_padding)  # type: ignore[arg-type]


TIES: dict[type[nn.Module], type[Tied]] = {nn.Linear: TiedLinear, nn.ConvTranspose2d: TiedConvTranspose}


def tie(encoder: nn.Sequential, decoder: nn.Sequential) -> None:
    """Give the decoder the encoder's weights, the last layer's first. The two must mirror each other."""
    sources = [layer for layer in encoder if isinstance(layer, nn.Linear | nn.Conv2d)][::-1]
    places = [place for place, layer in enumerate(decoder) if type(layer) in TIES]
    for place, source in zip(places, sources, strict=True):
        decoder[place] = TIES[type(decoder[place])](decoder[place], source)
