"""Data from a folder of pictures, held in memory when they fit, otherwise read when they are needed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from understudy.data.budget import budget
from understudy.data.dataset import Dataset, Items, SplitName
from understudy.data.decode import Header, read_header
from understudy.data.fit import Fit
from understudy.data.memory import ArrayItems
from understudy.data.options import DataOptions
from understudy.data.paths import Paths
from understudy.data.scan import Group, scan
from understudy.data.spec import ImageSpec
from understudy.data.splits import Positions, split
from understudy.data.streaming import PictureItems
from understudy.errors import DataError


@dataclass(frozen=True)
class _Listing:
    paths: Paths
    labels: NDArray[np.int64] | None
    classes: tuple[str, ...]
    official: dict[SplitName, Positions]


def load_folder(folder: Path, options: DataOptions, fit: Fit | None = None) -> Dataset:
    """PNG and JPEG pictures; see `scan.scan` for labels and splits, `decode.decode` for how each is read.

    Pictures are grey when every file is grey by its kind, otherwise RGB. With `image_size` the shorter side of each is
    scaled to it (Lanczos) and the centre cut out; without, all must have the same size.

    Raises:
        DataError: no pictures, a file that is none, sizes that differ, or too few items.
    """
    return load_groups(folder, folder.resolve().name, scan(folder), options, fit)


def load_groups(
    folder: Path,
    name: str,
    groups: dict[SplitName, Group],
    options: DataOptions,
    fit: Fit | None = None,
    *,
    colour: bool = False,
    beside: int = 0,
) -> Dataset:
    """Some of a folder's pictures.

    Args:
        groups: the files of each split, or of "train" alone.
        colour: RGB even where every file is grey.
        beside: as many more pictures that share the memory.

    Raises:
        DataError: as `load_folder`.
    """
    spec, items, digest = on_disk(folder, name, groups, options, fit, colour=colour)
    if fit is not None:
        fit.check(spec, name)
    count = sum(len(part) for part in items.values()) + beside
    held: Mapping[SplitName, Items] = items if _streams(spec, count, options) else kept(items, spec, name)
    return Dataset(name, spec, held["train"], held["validation"], held["test"], digest)


def on_disk(
    folder: Path,
    name: str,
    groups: dict[SplitName, Group],
    options: DataOptions,
    fit: Fit | None = None,
    *,
    colour: bool = False,
) -> tuple[ImageSpec, dict[SplitName, PictureItems], str]:
    """The pictures of each split, still in their files; what they have in common, and their fingerprint.

    Raises:
        DataError: as `load_folder`.
    """
    listing = _listing(folder, groups)
    spec, digest = _inspected(listing, options, colour or (fit is not None and fit.channels == 3))
    splits = _splits(listing, name, options, fit)
    return spec, {key: _streamed(listing, places, spec, options) for key, places in splits.items()}, digest


def _listing(folder: Path, groups: dict[SplitName, Group]) -> _Listing:
    ends = np.cumsum([len(group.files) for group in groups.values()])
    places = np.split(np.arange(ends[-1]), ends[:-1])
    labels = [label for group in groups.values() for label in group.labels or ()]
    classes, numbers = np.unique(np.array(labels, np.str_), return_inverse=True)
    return _Listing(
        paths=Paths(folder, (file for group in groups.values() for file in group.files)),
        labels=numbers.astype(np.int64) if labels else None,
        classes=tuple(str(name) for name in classes),
        official=dict(zip(groups, places, strict=True)),
    )


def _inspected(listing: _Listing, options: DataOptions, colour: bool) -> tuple[ImageSpec, str]:
    """Opens every file once: the spec that they share, and the fingerprint of their names and sizes."""
    digest, grey = hashlib.blake2b(digest_size=16), True
    first = read_header(listing.paths[0])
    for position in range(len(listing.paths)):
        path = listing.paths[position]
        header = read_header(path)
        grey = grey and header.grey
        if options.image_size is None:
            _refuse_other_size(first, header, listing.paths[0], path)
        digest.update(listing.paths.relative(position) + b"\0%d\n" % Path(path).stat().st_size)
    channels = 1 if grey and not colour else 3
    height, width = (options.image_size or first.height), (options.image_size or first.width)
    return ImageSpec(channels, height, width, listing.classes), digest.hexdigest()


def _refuse_other_size(first: Header, header: Header, path: str, other: str) -> None:
    if (first.width, first.height) != (header.width, header.height):
        raise DataError(
            f"pictures differ in size: '{path}' is {first.width}x{first.height}, '{other}' is "
            f"{header.width}x{header.height}; pass --image-size N to bring them to NxN"
        )


def _splits(listing: _Listing, name: str, options: DataOptions, fit: Fit | None) -> dict[SplitName, Positions]:
    official = listing.official
    whole = official["train"]
    if fit is not None and fit.whole and len(official) == 1:
        return {"train": whole[:0], "validation": whole[:0], "test": whole}
    parts = split(
        len(whole),
        test=0 if "test" in official else options.test_fraction,
        validation=0 if "validation" in official else options.validation_fraction,
        seed=options.split_seed,
        name=name,
    )
    held_out: dict[SplitName, Positions] = {"validation": whole[parts.validation], "test": whole[parts.test]}
    return {**held_out, **official, "train": whole[parts.train]}


def _streamed(listing: _Listing, places: Positions, spec: ImageSpec, options: DataOptions) -> PictureItems:
    y = None if listing.labels is None else torch.from_numpy(listing.labels[places])
    shape = (spec.channels, spec.height, spec.width)
    return PictureItems(listing.paths, places, shape, options.image_size is not None, y)


def _streams(spec: ImageSpec, count: int, options: DataOptions) -> bool:
    if options.memory != "auto":
        return options.memory == "stream"
    limit = budget() if options.memory_mb is None else options.memory_mb * 2**20
    return spec.size * count > limit


def kept(items: dict[SplitName, PictureItems], spec: ImageSpec, name: str) -> dict[SplitName, ArrayItems]:
    """The pictures in memory.

    Raises:
        DataError: they do not fit, or one cannot be decoded.
    """
    try:  # room for all of them first: no minutes of decoding before it turns out that they do not fit
        room = {key: np.empty((len(part), *spec.shape), np.uint8) for key, part in items.items()}
    except MemoryError as error:
        size = spec.size * sum(len(part) for part in items.values()) / 2**20
        raise DataError(f"'{name}' takes {size:.0f} MB decoded and does not fit; use --set memory=stream") from error
    for key, part in items.items():
        part.decode_into(room[key], part.places)
    return {key: ArrayItems(torch.from_numpy(room[key]), part.y) for key, part in items.items()}
