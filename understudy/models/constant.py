"""How well does the best answer that is the same for every item? A network that does no better has learnt nothing."""

import torch
from torch import Tensor


def entropy(counts: Tensor) -> float:
    """Nats of a draw with these frequencies: the least cross-entropy of an answer that is always the same."""
    shares = counts.double() / counts.sum()
    return float(-torch.special.xlogy(shares, shares).sum())


def constant_copy(x: Tensor, bounded: bool) -> Tensor:
    """The output, before its activation, that makes of every item the mean one, which squares and cross-entropy like.

    Args:
        bounded: the output passes a sigmoid.

    Shapes: (batch, *shape) -> the same
    """
    mean = x.mean(0, keepdim=True)
    return (torch.logit(mean, 1e-4) if bounded else mean).expand_as(x)
