"""Pictures drawn a little differently, for a judge that is to read what others have made of its domain.

A judge that has learnt some thousand pictures as they are takes a stroke that is shifted or thicker for another class.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

TURN, STRETCH, SHEAR, SHIFT = math.radians(10), 0.1, 0.15, 0.07
"""The most of each: an angle, a logarithm, a slope, a share of the sides."""


def varied(x: Tensor) -> Tensor:
    """Each picture placed a little differently, and its lines thinned or thickened.

    Shapes: (batch, channels, height, width), in [0, 1] -> the same shape
    """
    return thickened(placed(x), _uniform(x, 1))


def placed(x: Tensor) -> Tensor:
    """Turned, stretched along each axis, sheared and shifted; what comes in is black."""
    turn, shear = _uniform(x, TURN), _uniform(x, SHEAR)
    across, down = _uniform(x, STRETCH).exp(), _uniform(x, STRETCH).exp()
    rows = [
        [turn.cos() * across, shear - turn.sin() * across, _uniform(x, 2 * SHIFT)],  # 2: from -1 to 1 across
        [turn.sin() * down, turn.cos() * down, _uniform(x, 2 * SHIFT)],
    ]
    maps = torch.stack([torch.stack(row, dim=1) for row in rows], dim=1)  # (batch, 2, 3)
    return F.grid_sample(x, F.affine_grid(maps, list(x.shape), align_corners=False), align_corners=False)


def thickened(x: Tensor, share: Tensor) -> Tensor:
    """On the way to each 3x3 neighbourhood's lightest value (share 1), or to its darkest (-1): (batch,) shares."""
    lightest, darkest = F.max_pool2d(x, 3, 1, 1), -F.max_pool2d(-x, 3, 1, 1)
    share = share.view(-1, 1, 1, 1)
    return x + torch.where(share > 0, share * (lightest - x), share * (x - darkest))


def _uniform(x: Tensor, most: float) -> Tensor:
    """From -most to most: (batch,)."""
    return most * (2 * torch.rand(len(x), device=x.device) - 1)
