"""The bundled real pictures: 1,797 handwritten digits of 8x8 pixels.

Reference:
    Alpaydin and Kaynak 1998, "Optical Recognition of Handwritten Digits", UCI; shipped with scikit-learn.
"""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from understudy.data.arrays import Part, from_arrays
from understudy.data.dataset import Dataset
from understudy.data.fit import Fit
from understudy.data.options import DataOptions


def read_digits() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The pictures and what they show; their grey values of 0 to 16 become 0 to 255: (1797, 8, 8), (1797,)."""
    from sklearn.datasets import load_digits as read  # takes a second to import

    found = read()
    return np.rint(found.images * (255 / 16)).astype(np.uint8), found.target


def load_digits(options: DataOptions, fit: Fit | None = None) -> Dataset:
    """The digits and their classes."""
    pixels, labels = read_digits()
    return from_arrays({"train": Part(pixels, labels, "'digits'")}, "digits", options, fit)


def load_digit_rows(options: DataOptions, fit: Fit | None = None) -> Dataset:
    """The same digits under the name of what a recurrent network makes of them: 8 steps of a row of 8 values."""
    return dataclasses.replace(load_digits(options, fit), name="digit-rows")
