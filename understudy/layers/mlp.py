"""Dense layers in a row."""

from collections.abc import Sequence
from itertools import pairwise

from torch import nn

from understudy.layers.activations import ACTIVATIONS, Activation


def mlp(sizes: Sequence[int], activation: Activation, *, layer_norm: bool = False) -> nn.Sequential:
    """Linear layers of these sizes; an activation between them, after layer norm if asked for; none after the last.

    Shapes: (batch, sizes[0]) -> (batch, sizes[-1])

    Example:
        >>> mlp([784, 64, 10], "relu")[0].out_features
        64
    """
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers.append(nn.Linear(inputs, outputs))
        layers += [nn.LayerNorm(outputs)] * layer_norm + [ACTIVATIONS[activation]()]
    return nn.Sequential(*layers[: -1 - layer_norm])
