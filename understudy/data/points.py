"""Points in the plane, drawn from densities that are known exactly: small sets on which a network can be seen whole.

The same points on every machine: drawn with NumPy's `RandomState`, whose stream is promised for ever (NEP 19).
"""

import dataclasses
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from understudy.data.arrays import Part, from_arrays
from understudy.data.dataset import Dataset, Modes
from understudy.data.fit import Fit
from understudy.data.options import DataOptions

COUNT = 10_000
NOISE = 0.1
RADII = (1.0, 2.0, 3.0)
_SEED = 20_080_523
Points = tuple[NDArray[np.float64], NDArray[np.int64]]
Loader = Callable[[DataOptions, Fit | None], Dataset]


def rings() -> Points:
    """Three concentric circles of radius 1, 2 and 3, with noise of 0.1; the class is the circle.

    Shapes: (10000, 2) and (10000,).
    """
    draw, label = _start(len(RADII))
    angle, radius = draw.uniform(0, 2 * np.pi, COUNT), np.asarray(RADII)[label]
    return _circle(angle) * radius[:, None] + draw.normal(0, NOISE, (COUNT, 2)), label


def moons() -> Points:
    """Two interleaved half circles of radius 1, with noise of 0.1; the class is the half circle.

    Shapes: (10000, 2) and (10000,).
    """
    draw, label = _start(2)
    upper = _circle(draw.uniform(0, np.pi, COUNT))
    lower = np.array([1.0, 0.5]) - upper
    return np.where(label[:, None] == 0, upper, lower) + draw.normal(0, NOISE, (COUNT, 2)), label


def gaussians() -> Points:
    """Eight normal densities of std 0.1 whose centres lie on a circle of radius 2; the class is the density.

    Shapes: (10000, 2) and (10000,).
    """
    draw, label = _start(8)
    return 2 * _circle(label * np.pi / 4) + draw.normal(0, NOISE, (COUNT, 2)), label


def to_rings(x: Tensor) -> Tensor:
    """Distances to the three circles: (count, 2) -> (count, 3)."""
    found: Tensor = (x.norm(dim=1, keepdim=True) - torch.tensor(RADII, dtype=x.dtype)).abs()
    return found


def to_moons(x: Tensor) -> Tensor:
    """Distances to the two half circles: (count, 2) -> (count, 2)."""
    return torch.stack([_to_upper_half(x), _to_upper_half(torch.tensor([1.0, 0.5], dtype=x.dtype) - x)], 1)


def to_gaussians(x: Tensor) -> Tensor:
    """Distances to the eight centres: (count, 2) -> (count, 8)."""
    centres = 2 * _circle(np.arange(8) * np.pi / 4)
    return torch.cdist(x, torch.from_numpy(centres).to(x.dtype))


def _to_upper_half(x: Tensor) -> Tensor:
    """Distance to the points of the unit circle that are not below its centre: (count, 2) -> (count,)."""
    to_circle = (x.norm(dim=1) - 1).abs()
    ends = torch.tensor([[-1.0, 0.0], [1.0, 0.0]], dtype=x.dtype)
    return torch.where(x[:, 1] >= 0, to_circle, torch.cdist(x, ends).amin(1))


def _start(classes: int) -> tuple[np.random.RandomState, NDArray[np.int64]]:
    return np.random.RandomState(_SEED), np.arange(COUNT, dtype=np.int64) % classes


def _circle(angle: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


_SETS = {"rings": (rings, to_rings), "moons": (moons, to_moons), "gaussians": (gaussians, to_gaussians)}


def loader(name: str) -> Loader:
    """What loads one of the sets."""
    draw, distances = _SETS[name]

    def load(options: DataOptions, fit: Fit | None = None) -> Dataset:
        x, y = draw()
        found = from_arrays({"train": Part(x, y, f"'{name}'")}, name, options, fit)
        return dataclasses.replace(found, modes=Modes(distances, NOISE))

    return load
