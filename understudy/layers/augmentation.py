"""Augmentation that gradients pass through, for what a discriminator sees: real items and fakes alike.

Reference:
    Zhao et al., 2020, Differentiable Augmentation for Data-Efficient GAN Training, arXiv:2006.10738.
"""

from collections.abc import Callable
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

AugmentationName = Literal["flip", "translation", "cutout", "brightness", "contrast"]

SHIFT = 1 / 8  # as in the paper: of the picture's height and width
CUT = 1 / 2


def _each(x: Tensor) -> Tensor:
    """A uniform number in [0, 1) for each picture: (batch, 1, 1, 1)."""
    return torch.rand(len(x), 1, 1, 1, device=x.device)


def flip(x: Tensor) -> Tensor:
    """Mirror half of the pictures, left to right."""
    return torch.where(_each(x) < 0.5, x.flip(3), x)


def translation(x: Tensor) -> Tensor:
    """Shift each picture by up to an eighth of its sides; what comes in is black."""
    reach = [max(1, round(side * SHIFT)) for side in x.shape[2:]]
    padded = F.pad(x, (reach[1], reach[1], reach[0], reach[0]), value=-1.0)
    rows, columns = (
        torch.randint(0, 2 * most + 1, (len(x), 1), device=x.device) + torch.arange(side, device=x.device)
        for most, side in zip(reach, x.shape[2:], strict=True)
    )
    items = torch.arange(len(x), device=x.device)[:, None, None]
    return padded.permute(0, 2, 3, 1)[items, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def cutout(x: Tensor) -> Tensor:
    """Grey out a box of half the height and width, somewhere."""
    keep = torch.ones_like(x[:, :1])
    inside = []
    for axis, side in ((2, x.shape[2]), (3, x.shape[3])):
        half = side * CUT / 2
        place = torch.arange(side, device=x.device).view([-1 if axis == n else 1 for n in range(4)])
        inside.append((place + 0.5 - _each(x) * side).abs() <= half)
    return x * torch.where(inside[0] & inside[1], 0.0, keep)


def brightness(x: Tensor) -> Tensor:
    """Add up to a quarter of the way from black to white to each picture, or take it away."""
    return x + (_each(x) - 0.5)


def contrast(x: Tensor) -> Tensor:
    """Draw each picture's values together or apart, by a factor of 0.5 to 1.5 about its mean."""
    mean = x.mean((1, 2, 3), keepdim=True)
    return (x - mean) * (_each(x) + 0.5) + mean


AUGMENTATIONS: dict[AugmentationName, Callable[[Tensor], Tensor]] = {
    "flip": flip,
    "translation": translation,
    "cutout": cutout,
    "brightness": brightness,
    "contrast": contrast,
}
