"""Bundled and known pairs of domains, made of real digits."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from understudy.data import mnist
from understudy.data.arrays import Part, from_arrays
from understudy.data.dataset import Dataset
from understudy.data.digits import read_digits
from understudy.data.domains import unpaired
from understudy.data.fit import Fit
from understudy.data.options import DataOptions
from understudy.data.pixels import to_pixels
from understudy.data.splits import permutation

MNIST_SIDE, OUTLINE_SIDE = 28, 16
_HALVES = 20_170_330


def load_digits_to_mnist(options: DataOptions, fit: Fit | None = None) -> Dataset:
    """The bundled digits, 8x8 enlarged to 28x28 (Lanczos), and MNIST: two real sets by other hands and other means.

    Raises:
        DataError: MNIST is not here and cannot be downloaded.
    """
    name = "digits-to-mnist"
    side = None if fit is None else fit.of_picture(name)
    options = dataclasses.replace(options, image_size=options.image_size or MNIST_SIDE)
    pixels, labels = read_digits()
    digits = from_arrays({"train": Part(pixels, labels, "'digits'")}, name, options, side)
    return unpaired(name, digits, mnist.loader("mnist")(options, side), ("digits", "mnist"))


def load_digits_to_outlines(options: DataOptions, fit: Fit | None = None) -> Dataset:
    """One half of the bundled digits, enlarged to 16x16, and the outlines of the other half: none is in both.

    An outline is what is lit within a pixel of a place, less what is dark (Beucher's morphological gradient).
    """
    name = "digits-to-outlines"
    side = None if fit is None else fit.of_picture(name)
    pixels, labels = read_digits()
    enlarged = to_pixels(pixels, name, size=OUTLINE_SIDE)[:, 0]
    halves = np.array_split(permutation(len(pixels), _HALVES), 2)
    first, second = (
        from_arrays({"train": Part(x, labels[chosen], "'digits'")}, name, options, side)
        for x, chosen in ((enlarged[halves[0]], halves[0]), (outlines(enlarged[halves[1]]), halves[1]))
    )
    return unpaired(name, first, second, ("digits", "outlines"))


def outlines(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lightest less darkest pixel of each 3x3 neighbourhood: (count, height, width) -> the same shape."""
    height, width = pictures.shape[1:]
    edged = np.pad(pictures, ((0, 0), (1, 1), (1, 1)), mode="edge")
    around = np.stack([edged[:, y : y + height, x : x + width] for y in range(3) for x in range(3)])
    lit: NDArray[np.uint8] = around.max(0) - around.min(0)
    return lit
