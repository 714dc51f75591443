"""Data for a network that is already trained: checked against what it was trained on, and scaled as that was."""

import dataclasses
import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from understudy.data.arrays import as_numbers, standardise
from understudy.data.dataset import Dataset, Items
from understudy.data.domains import DomainItems
from understudy.data.fit import Fit
from understudy.data.labelled_text import LabelledTexts, padded
from understudy.data.memory import ArrayItems, unit_floats
from understudy.data.options import DataOptions
from understudy.data.pixels import unit_values
from understudy.data.sources import load
from understudy.data.spec import DomainsSpec, ImageSpec, LabelledTextSpec, Spec, VectorSpec
from understudy.data.streaming import PictureItems
from understudy.data.vocabulary import pieces
from understudy.errors import DataError


def load_for(source: Any, spec: Spec, options: DataOptions = DataOptions(), *, whole: bool = False) -> Dataset:  # noqa: B008
    """Data for a network that was trained on `spec`.

    Rows are standardised with the run's mean and std, not their own. Grey pictures are spread over three channels for a
    network trained on colour. Where all of the data's classes are among the run's, they get the run's numbers, and the
    result's `spec.classes` are the run's; otherwise it keeps its own. A folder's pictures are resized to the size
    that a square network takes.

    Args:
        source: as for `load`.
        spec: what the network was trained on.
        options: as for `load`.
        whole: put every item into `test` where the source names no splits of its own; for data the run never saw.

    Raises:
        DataError: the items have another shape; the message says what to do.
    """
    return _renumbered(load(source, _sized(options, spec, source), Fit(spec, whole)), spec.classes)


def _sized(options: DataOptions, spec: Spec, source: Any) -> DataOptions:
    """A folder's pictures are brought to the network's size; arrays are taken at their word."""
    folder = isinstance(source, str | os.PathLike) and Path(source).is_dir()
    if (
        folder
        and isinstance(spec, ImageSpec | DomainsSpec)
        and spec.height == spec.width
        and options.image_size is None
    ):
        return dataclasses.replace(options, image_size=spec.height)
    return options


def _renumbered(data: Dataset, classes: tuple[str, ...]) -> Dataset:
    own = data.spec.classes
    if own == classes or not own or not set(own) <= set(classes):
        return data
    numbers = torch.tensor([classes.index(name) for name in own])
    parts: dict[str, Any] = {key: _relabelled(data.split(key), numbers) for key in ("train", "validation", "test")}
    return dataclasses.replace(data, spec=dataclasses.replace(data.spec, classes=classes), **parts)


def _relabelled(items: Items, numbers: Tensor) -> Items:
    if isinstance(items, DomainItems):
        return items.each(lambda side: _relabelled(side, numbers))
    if isinstance(items, ArrayItems | PictureItems | LabelledTexts) and items.y is not None:
        return dataclasses.replace(items, y=numbers.to(items.y.device)[items.y])
    return items


def unlabelled(items: Any) -> Any:
    """The same items without their classes."""
    return items.each(unlabelled) if isinstance(items, DomainItems) else dataclasses.replace(items, y=None)


def as_batch(array: Any, spec: Spec) -> Tensor:
    """Items given from Python as a network's input.

    Args:
        array: NumPy array, tensor or nested list; one item or many. Texts as text. Pictures as 0 to 255 or as floats in
            [0, 1], in any of the layouts (H, W), (C, H, W) and (H, W, C); rows in the user's own units.
        spec: what the network was trained on.

    Shapes: (batch, *spec.shape), float32; of texts (batch, time), int64.

    Raises:
        DataError: the shape, the type or a value does not fit.
    """
    if isinstance(spec, LabelledTextSpec):
        return padded(_texts(array, spec), spec)
    numbers = as_numbers(array, "the array")
    if isinstance(spec, VectorSpec):
        return torch.from_numpy(standardise(_rows(numbers, spec), spec))
    if not isinstance(spec, ImageSpec):
        raise DataError(f"the network reads {spec.describe()}, not arrays")
    pixels = unit_values(_pictures(numbers, spec), "the array")
    return unit_floats(torch.from_numpy(pixels))


def _texts(given: Any, spec: LabelledTextSpec) -> list[str]:
    texts = [given] if isinstance(given, str) else list(given)
    for text in texts or [None]:
        if not isinstance(text, str):
            raise DataError(
                f"run was trained on {spec.describe()}; accepted: a text or a list of them, got {given!r:.60}"
            )
        if not len(pieces(text, spec.unit)):
            raise DataError(f"{text!r} has no {spec.unit} to read")
    return texts


def _rows(array: NDArray[Any], spec: VectorSpec) -> NDArray[Any]:
    if array.ndim in (1, 2) and array.shape[-1] == spec.features and array.size:
        return array.reshape(-1, spec.features)
    raise DataError(
        f"run was trained on {spec.describe()}; the array has shape {array.shape}; "
        f"accepted: ({spec.features},) or (N, {spec.features})"
    )


def _pictures(array: NDArray[Any], spec: ImageSpec) -> NDArray[Any]:
    for channels in dict.fromkeys((spec.channels, 1 if spec.channels == 3 else spec.channels)):
        found = _laid_out(array, channels, spec.height, spec.width)
        if found is not None and found.size:
            return np.array(np.broadcast_to(found, (len(found), *spec.shape)))
    side = f"{spec.height}, {spec.width}"
    forms = [f"({spec.channels}, {side})", f"({side}, {spec.channels})"] + [f"({side})"] * (spec.channels == 1)
    raise DataError(
        f"run was trained on {spec.describe()}; the array has shape {array.shape}; "
        f"accepted: {', '.join(forms)}, for one item or with (N, ...) in front"
    )


def _laid_out(array: NDArray[Any], channels: int, height: int, width: int) -> NDArray[Any] | None:
    """The array as (N, channels, height, width), if it is that in one of the layouts."""
    first, last, flat = (channels, height, width), (height, width, channels), (height, width)
    if array.shape in (first, last) or (channels == 1 and array.shape == flat):
        array = array[None]
    if channels == 1 and array.shape[1:] == flat:
        return array[:, None]
    if array.shape[1:] == first:
        return array
    return array.transpose(0, 3, 1, 2) if array.shape[1:] == last else None
