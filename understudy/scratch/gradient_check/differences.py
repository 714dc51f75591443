"""Jacobians by central differences, and where a kink spoils them."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from understudy.scratch.layer import Array

ENTRIES, ROWS = 2_000_000, 500  # of one Jacobian; beyond them, rows are drawn
STEP = {8: 1e-5, 4: 1e-2, 2: 1e-1}  # by bytes of the output's floats: rounding against curvature
BEND = {8: 1e-4, 4: 5e-2, 2: 0.5}  # one-sided slopes that differ by this share make a second look worth it


@dataclass(frozen=True)
class Jacobian:
    """Slopes of all outputs along one array's entries.

    Attributes:
        slopes: (entries, outputs); rows that were not drawn are NaN.
        kinks: (entries, outputs), whether a step crosses a kink there.
    """

    slopes: Array
    kinks: Array


def jacobian(
    output: Callable[[int, float], Array], size: int, y: Array, generator: np.random.Generator, rows: int = ROWS
) -> Jacobian:
    """The Jacobian along an array of `size` entries.

    Args:
        output: the outputs, flat, with the array's entry i moved by delta.
        size: how many entries the array has.
        y: the outputs where nothing is moved, flat; their precision decides the step.
        generator: draws the rows if there are too many.
        rows: how many are too many.
    """
    slopes, kinks = np.full((size, y.size), np.nan), np.zeros((size, y.size), bool)
    count = max(1, min(size, rows, ENTRIES // max(y.size, 1)))
    for i in sorted(generator.choice(size, count, replace=False)):
        slopes[i], kinks[i] = _row(functools.partial(output, int(i)), y.astype(np.float64), y.itemsize)
    return Jacobian(slopes, kinks)


def _row(output: Callable[[float], Array], y: Array, precision: int) -> tuple[Array, Array]:
    """Slopes along one entry, and where they are at a kink.

    On a smooth function the one-sided slopes differ by step * f'', a tenth of that at a tenth of the step. At a kink
    the difference stays; beside one, it goes at once.
    """
    step, bend = STEP[precision], BEND[precision]
    right, left = (output(step) - y) / step, (y - output(-step)) / step
    gap, steep = np.abs(right - left), np.maximum(np.abs(right), np.abs(left))
    bent = gap > bend * np.maximum(steep, 1e-2 * steep.max(initial=0))
    if bent.any():
        near = step / 10
        gap_near = np.abs((output(near) - y) / near - (y - output(-near)) / near)
        bent &= ~((gap_near > gap / 20) & (gap_near < gap / 5))
    return (right + left) / 2, bent
