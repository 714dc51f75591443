"""Units that are each other's copies: a layer whose rows are equal computes one number many times."""

from __future__ import annotations

import torch
from torch import Tensor, nn

FEWEST = 3
"""Rows below which equal ones say nothing."""
SPARSE = (nn.Embedding, nn.EmbeddingBag)
"""Layers whose rows are not units: those of tokens that are not in the batch are equal in their gradient."""


def duplicate_share(rows: Tensor) -> float:
    """The share of rows that another row before them equals, to the bit.

    Shapes: (rows, ...) -> a number in [0, 1)
    """
    count = len(rows)
    distinct = len(torch.unique(rows.reshape(count, -1), dim=0))
    return 1 - distinct / count


def matrices(module: nn.Module) -> dict[str, Tensor]:
    """The weights whose rows are units, by name: (units, ...)."""
    return {
        f"{place}.{name}".lstrip("."): weight
        for place, layer in module.named_modules()
        if not isinstance(layer, SPARSE)
        for name, weight in layer.named_parameters(recurse=False)
        if weight.requires_grad and weight.dim() >= 2 and len(weight) >= FEWEST and weight[0].numel() > 0
    }


def symmetric_share(weight: Tensor, gradient: Tensor) -> float:
    """The share of rows that are equal to one before them and get an equal gradient: no step will tell them apart.

    A layer of zeros at the end of a network is healthy: its rows are equal, the gradients of them are not.

    Shapes: twice (rows, ...) -> a number in [0, 1)
    """
    return duplicate_share(torch.cat([weight.flatten(1), gradient.flatten(1)], 1))
