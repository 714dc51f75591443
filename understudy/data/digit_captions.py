"""Two or three of the bundled real digits side by side, and the number that they make, in words."""

import hashlib

import numpy as np
import torch
from numpy.typing import NDArray

from understudy.data.captions import CaptionItems
from understudy.data.dataset import SPLITS, Dataset
from understudy.data.digits import read_digits
from understudy.data.fit import Fit
from understudy.data.number_words import in_words
from understudy.data.options import DataOptions
from understudy.data.pairs import Rows
from understudy.data.sentences import Language, learn_language
from understudy.data.spec import CaptionSpec
from understudy.data.splits import split
from understudy.errors import DataError, OptionError

NAME = "digit-captions"
COUNTS = {"train": 20_000, "validation": 1_000, "test": 2_000}
DIGITS, SPARE = 3, 4
"""Digits of the longest number, and columns of the picture that are left to chance."""
_SEED = 20_151_502


def load_digit_captions(options: DataOptions, fit: Fit | None = None) -> Dataset:
    """Numbers from 10 to 999. The splits share no digit's picture: every test picture is of digits never seen.

    The digits' pictures are split first, as `digits` splits them, so that an encoder that learnt from those has not
    seen the test's either; each split's numbers are put together from its own pictures. The same on every machine:
    drawn with NumPy's `RandomState`, whose stream is promised for ever (NEP 19).

    Raises:
        DataError: the network that they are read for learned from something else.
        OptionError: an option that would make other pictures or captions of them.
    """
    for option in ("image_size", "tokens", "bpe_size", "encoding"):
        if getattr(options, option) != getattr(DataOptions(), option):
            raise OptionError(f"{option} goes with a folder of captioned pictures; '{NAME}' are made as they are")
    pictures, labels = read_digits()
    parts = split(
        len(pictures),
        test=options.test_fraction,
        validation=options.validation_fraction,
        seed=options.split_seed,
        name=NAME,
    )
    spec = _spec(pictures.shape[1:], fit)
    draw = np.random.RandomState([_SEED, options.split_seed])
    made = {name: written(pictures, labels, getattr(parts, name), COUNTS[name], draw) for name in SPLITS}
    train, validation, test = (_items(*made[name], spec.target) for name in SPLITS)
    digest = hashlib.blake2b(digest_size=16)
    for name in SPLITS:
        digest.update(made[name][0].tobytes())
    return Dataset(NAME, spec, train, validation, test, digest.hexdigest())


def caption(number: int) -> str:
    """The number in words, all of them apart.

    Example:
        >>> caption(476)
        'four hundred seventy six'
    """
    return in_words(number).replace("-", " ")


def written(
    pictures: NDArray[np.uint8],
    labels: NDArray[np.int64],
    chosen: NDArray[np.int64],
    count: int,
    draw: np.random.RandomState,
) -> tuple[NDArray[np.uint8], list[str]]:
    """Numbers from the chosen pictures: as many of two digits as of three, the first digit never 0.

    The digits stand side by side, somewhere in a picture that has a little more room than three of them take.

    Shapes: pictures (all, height, width) -> (count, 1, height, 3 * width + 4)
    """
    height, width = pictures.shape[1:]
    canvas = np.zeros((count, 1, height, DIGITS * width + SPARE), np.uint8)
    leading = chosen[labels[chosen] > 0]
    first, others = draw.randint(len(leading), size=(count, 1)), draw.randint(len(chosen), size=(count, DIGITS - 1))
    picked = np.concatenate([leading[first], chosen[others]], axis=1)  # (count, DIGITS)
    many = 2 + draw.randint(2, size=count)
    lefts = (draw.random_sample(count) * (canvas.shape[3] - many * width + 1)).astype(np.int64)
    captions = []
    for place, (row, digits, left) in enumerate(zip(picked, many, lefts, strict=True)):
        canvas[place, 0, :, left : left + digits * width] = np.hstack(pictures[row[:digits]])
        captions.append(caption(int("".join(map(str, labels[row[:digits]])))))
    return canvas, captions


def _spec(size: tuple[int, ...], fit: Fit | None) -> CaptionSpec:
    height, width = size
    every = [caption(number) for number in range(10, 10**DIGITS)]
    own = CaptionSpec(1, height, DIGITS * width + SPARE, learn_language(every, "words"))
    if fit is None:
        return own
    if not isinstance(fit.spec, CaptionSpec) or fit.spec.shape != own.shape:
        raise DataError(f"run was trained on {fit.spec.describe()}; '{NAME}' has {own.describe()}")
    return fit.spec


def _items(canvas: NDArray[np.uint8], captions: list[str], language: Language) -> CaptionItems:
    rows = Rows.of([language.encode(text) for text in captions])
    return CaptionItems(torch.from_numpy(canvas), rows, tuple(captions))
