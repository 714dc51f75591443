"""Points in the plane, drawn from densities that are known exactly: small sets on which a network can be seen whole.

The same points on every machine: drawn with NumPy's `RandomState`, whose stream is promised for ever (NEP 19).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from understudy.data.arrays import Part, from_arrays
from understudy.data.dataset import Dataset
from understudy.data.fit import Fit
from understudy.data.options import DataOptions

COUNT = 10_000
_SEED = 20_080_523
Points = tuple[NDArray[np.float64], NDArray[np.int64]]
Loader = Callable[[DataOptions, Fit | None], Dataset]


def rings() -> Points:
    """Three concentric circles of radius 1, 2 and 3, with noise of 0.1; the class is the circle.

    Shapes: (10000, 2) and (10000,).
    """
    draw, label = _start(3)
    angle, radius = draw.uniform(0, 2 * np.pi, COUNT), label + 1.0
    return _circle(angle) * radius[:, None] + draw.normal(0, 0.1, (COUNT, 2)), label


def moons() -> Points:
    """Two interleaved half circles of radius 1, with noise of 0.1; the class is the half circle.

    Shapes: (10000, 2) and (10000,).
    """
    draw, label = _start(2)
    upper = _circle(draw.uniform(0, np.pi, COUNT))
    lower = np.array([1.0, 0.5]) - upper
    return np.where(label[:, None] == 0, upper, lower) + draw.normal(0, 0.1, (COUNT, 2)), label


def gaussians() -> Points:
    """Eight normal densities of std 0.1 whose centres lie on a circle of radius 2; the class is the density.

    Shapes: (10000, 2) and (10000,).
    """
    draw, label = _start(8)
    return 2 * _circle(label * np.pi / 4) + draw.normal(0, 0.1, (COUNT, 2)), label


def _start(classes: int) -> tuple[np.random.RandomState, NDArray[np.int64]]:
    return np.random.RandomState(_SEED), np.arange(COUNT, dtype=np.int64) % classes


def _circle(angle: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def loader(name: str) -> Loader:
    """What loads one of the sets."""
    draw = {"rings": rings, "moons": moons, "gaussians": gaussians}[name]

    def load(options: DataOptions, fit: Fit | None = None) -> Dataset:
        x, y = draw()
        return from_arrays({"train": Part(x, y, f"'{name}'")}, name, options, fit)

    return load
