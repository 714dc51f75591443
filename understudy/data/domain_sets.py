"""Bundled and known pairs of domains, made of real digits."""

import dataclasses

import numpy as np

from understudy.data import mnist
from understudy.data.arrays import Part, from_arrays
from understudy.data.dataset import Dataset
from understudy.data.digits import read_digits
from understudy.data.domains import unpaired
from understudy.data.fit import Fit
from understudy.data.options import DataOptions
from understudy.data.splits import permutation

MNIST_SIDE = 28
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


def load_digits_to_negatives(options: DataOptions, fit: Fit | None = None) -> Dataset:
    """One half of the bundled digits, and the other half as negatives.

    No digit is in both halves, and yet it is known what a translation should be: 1 - x.
    """
    name = "digits-to-negatives"
    side = None if fit is None else fit.of_picture(name)
    pixels, labels = read_digits()
    first, second = np.array_split(permutation(len(pixels), _HALVES), 2)
    positives = from_arrays({"train": Part(pixels[first], labels[first], "'digits'")}, name, options, side)
    negatives = from_arrays({"train": Part(255 - pixels[second], labels[second], "'digits'")}, name, options, side)
    return unpaired(name, positives, negatives, ("digits", "negatives"))
