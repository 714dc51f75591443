"""A feature that tells a discriminator how different the items of its batch are."""

import torch
from torch import Tensor, nn

GROUP = 4  # as in the paper's code


class BatchDeviation(nn.Module):
    """Adds one feature: the mean, over features and places, of the standard deviation within a group of items.

    Shapes: (batch, features, ...) -> (batch, features + 1, ...)

    Reference: Karras et al., 2018, Progressive Growing of GANs, arXiv:1710.10196, section 3.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Each group is of 4 items; a batch that cannot be shared out so is one group."""
        size = GROUP if len(x) % GROUP == 0 else len(x)
        groups = x.float().unflatten(0, (size, -1))  # (size, groups, features, ...)
        variance = groups.var(0, correction=0)  # (groups, features, ...)
        deviation = (variance + 1e-8).sqrt().flatten(1).mean(1).repeat(size)  # (batch,)
        return torch.cat([x, deviation.to(x.dtype).view(-1, *[1] * (x.ndim - 1)).expand_as(x[:, :1])], 1)
