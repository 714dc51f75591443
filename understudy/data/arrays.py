"""Data from arrays: rows of measurements or pictures, with or without labels, with or without splits of their own."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from understudy.data.dataset import Dataset, SplitName
from understudy.data.fit import Fit, Scale
from understudy.data.labels import Labels, checked_labels, numbered
from understudy.data.memory import ArrayItems
from understudy.data.options import DataOptions
from understudy.data.pixels import ACCEPTED, to_pixels
from understudy.data.spec import ImageSpec, Spec, VectorSpec
from understudy.data.splits import split
from understudy.errors import DataError, OptionError


@dataclass(frozen=True)
class Part:
    """One official split as it was given, or all items where the source names no splits.

    Attributes:
        where: the file (and the array in it), for messages.
    """

    x: Any
    y: Any = None
    where: str = "the array"


@dataclass(frozen=True)
class _Checked:
    x: NDArray[Any]
    y: Labels | None


Parts = Mapping[SplitName, Part]


def from_arrays(
    parts: Parts, name: str, options: DataOptions, fit: Fit | None = None, classes: tuple[str, ...] = ()
) -> Dataset:
    """A data set from arrays held in memory.

    Args:
        parts: official splits. With "train" alone, validation and test are split off it; a missing one is, too.
        name: for titles and messages.
        options: how to split, resize and hold.
        fit: the trained network to fit, if any.
        classes: names of the classes 0, 1, ..., instead of the labels themselves.

    Raises:
        DataError: the arrays cannot be read as rows or pictures, or there are too few items.
    """
    _refuse_streaming(options, name)
    checked, found = _checked(parts, name, options, fit)
    digest = _fingerprint(checked)
    splits = _completed(checked, name, options, fit)
    spec, xs = _spec(splits, _named(found, classes, name), fit, name)
    items = {key: ArrayItems(torch.from_numpy(xs[key]), _tensor(part.y)) for key, part in splits.items()}
    return Dataset(name, spec, items["train"], items["validation"], items["test"], digest)


def as_numbers(array: Any, where: str) -> NDArray[Any]:
    """A NumPy array or torch tensor as an array of finite numbers.

    Raises:
        DataError: the type is not a number's, or a value is not finite.
    """
    if isinstance(array, torch.Tensor):
        array = array.detach().cpu()
        array = array.float() if array.dtype == torch.bfloat16 else array  # NumPy has no bfloat16
    numbers: NDArray[Any] = np.asarray(array)
    if numbers.dtype.kind not in "buif":
        raise DataError(f"{where}: type {numbers.dtype} is not accepted; give whole numbers, floats or booleans")
    if numbers.dtype.kind == "f":
        _refuse_not_finite(numbers, where)
    return numbers


def _refuse_not_finite(array: NDArray[Any], where: str) -> None:
    if np.isfinite(array.sum(dtype=np.float64)):  # one pass without a copy; NaN and Inf survive a sum
        return
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        first = tuple(int(i) for i in bad[0])
        raise DataError(f"{where}: {array[first]} at index {first} ({len(bad)} such values); remove or replace them")


def _refuse_streaming(options: DataOptions, name: str) -> None:
    if options.memory == "stream":
        raise OptionError(f"memory=stream reads pictures from a folder; '{name}' is an array and is held in memory")


def _checked(
    parts: Parts, name: str, options: DataOptions, fit: Fit | None
) -> tuple[dict[SplitName, _Checked], tuple[str, ...]]:
    if "train" not in parts:
        raise DataError(f"'{name}' has no training items; found: {', '.join(parts)}")
    xs = {key: _items(part, options, fit) for key, part in parts.items()}
    _refuse_mixed(xs, name)
    _refuse_too_large(xs, options, name)
    ys, classes = _labels(parts, xs, name)
    return {key: _Checked(xs[key], ys.get(key)) for key in parts}, classes


def _items(part: Part, options: DataOptions, fit: Fit | None) -> NDArray[Any]:
    array = as_numbers(part.x, part.where)
    if array.ndim not in (2, 3, 4):
        raise DataError(f"{part.where}: shape {array.shape} is not accepted; accepted: {ACCEPTED}")
    if array.size == 0:
        raise DataError(f"{part.where}: shape {array.shape} holds no values")
    if array.ndim > 2:
        return to_pixels(array, part.where, size=options.image_size, channels=fit.channels if fit else None)
    if options.image_size is not None:
        raise OptionError(f"image_size is for pictures; {part.where} holds rows of {array.shape[1]} values")
    return np.ascontiguousarray(array, np.float64)


def _refuse_mixed(xs: dict[SplitName, NDArray[Any]], name: str) -> None:
    shapes = {key: x.shape[1:] for key, x in xs.items()}
    if len(set(shapes.values())) > 1:
        listed = ", ".join(f"{key} {shape}" for key, shape in shapes.items())
        raise DataError(f"'{name}' has items of different shapes: {listed}")


def _refuse_too_large(xs: dict[SplitName, NDArray[Any]], options: DataOptions, name: str) -> None:
    size = sum(x.nbytes for x in xs.values()) / 2**20
    if options.memory == "auto" and options.memory_mb is not None and size > options.memory_mb:
        raise OptionError(
            f"'{name}' takes {size:.0f} MB and memory_mb is {options.memory_mb}; an array is held in memory: "
            "raise memory_mb, or give a folder of pictures, which can be read as needed"
        )


def _labels(
    parts: Parts, xs: dict[SplitName, NDArray[Any]], name: str
) -> tuple[dict[SplitName, Labels], tuple[str, ...]]:
    given = {key: checked_labels(part.y, len(xs[key]), part.where) for key, part in parts.items() if part.y is not None}
    if not given:
        return {}, ()
    if len(given) < len(parts):
        raise DataError(f"'{name}' has labels for {', '.join(given)} but not for the other splits; label all or none")
    numbers, classes = numbered(list(given.values()), f"'{name}'")
    return dict(zip(given, numbers, strict=True)), classes


def _named(found: tuple[str, ...], classes: tuple[str, ...], name: str) -> tuple[str, ...]:
    if not classes:
        return found
    if found != tuple(str(number) for number in range(len(classes))):
        raise DataError(f"'{name}' should have the {len(classes)} classes 0 to {len(classes) - 1}, but has {found}")
    return classes


def _fingerprint(parts: dict[SplitName, _Checked]) -> str:
    digest = hashlib.blake2b(digest_size=16)  # 0.07 s for MNIST
    for key, part in parts.items():
        digest.update(f"{key} {part.x.shape} {part.x.dtype}".encode())
        digest.update(part.x.data)
        if part.y is not None:
            digest.update(part.y.data)
    return digest.hexdigest()


def _completed(
    parts: dict[SplitName, _Checked], name: str, options: DataOptions, fit: Fit | None
) -> dict[SplitName, _Checked]:
    """The three splits: official ones as they are, missing ones held out of the training items."""
    whole = parts["train"]
    if fit is not None and fit.whole and len(parts) == 1:
        none = _rows(whole, np.empty(0, np.int64))
        return {"train": none, "validation": none, "test": _copied(whole)}
    places = split(
        len(whole.x),
        test=0 if "test" in parts else options.test_fraction,
        validation=0 if "validation" in parts else options.validation_fraction,
        seed=options.split_seed,
        name=name,
    )
    held_out: dict[SplitName, _Checked] = {
        "train": _rows(whole, places.train),
        "validation": _rows(whole, places.validation),
        "test": _rows(whole, places.test),
    }
    official: dict[SplitName, _Checked] = {key: _copied(part) for key, part in parts.items() if key != "train"}
    return {**held_out, **official}


def _copied(part: _Checked) -> _Checked:
    """Apart from the caller's own array, which may change or be read-only."""
    return _Checked(part.x.copy(), part.y)


def _rows(part: _Checked, places: NDArray[np.int64]) -> _Checked:
    return _Checked(part.x[places], None if part.y is None else part.y[places])


def _spec(
    splits: dict[SplitName, _Checked], classes: tuple[str, ...], fit: Fit | None, name: str
) -> tuple[Spec, dict[SplitName, NDArray[Any]]]:
    xs = {key: part.x for key, part in splits.items()}
    shape = xs["train"].shape[1:]
    spec = ImageSpec(*shape, classes=classes) if len(shape) == 3 else VectorSpec(shape[0], (), (), classes)
    if fit is not None:
        fit.check(spec, name)
    if isinstance(spec, ImageSpec):
        return spec, xs
    mean, std = (fit.scale if fit else None) or _scale(xs["train"])
    scaled = VectorSpec(spec.features, mean, std, classes)
    return scaled, {key: standardise(x, scaled) for key, x in xs.items()}


def _scale(rows: NDArray[np.float64]) -> Scale:
    mean, std = rows.mean(axis=0), rows.std(axis=0)
    constant = rows.min(axis=0) == rows.max(axis=0)  # rounding can leave a constant column a std of 1e-17
    return tuple(mean.tolist()), tuple(np.where(constant, 1.0, std).tolist())


def standardise(rows: NDArray[Any], spec: VectorSpec) -> NDArray[np.float32]:
    """(row - mean) / std, computed in 64 bits."""
    scaled: NDArray[np.float64] = (rows - np.asarray(spec.mean)) / np.asarray(spec.std)
    return scaled.astype(np.float32)


def _tensor(y: Labels | None) -> torch.Tensor | None:
    return None if y is None else torch.from_numpy(y)
