"""Arrays in memory, in `.npy` and in `.npz` files; nothing pickled is ever opened."""

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.data.arrays import Part, from_arrays
from understudy.data.dataset import Dataset, SplitName
from understudy.data.fit import Fit
from understudy.data.labelled_files import load_labelled_pair
from understudy.data.labels import read_labels
from understudy.data.options import DataOptions
from understudy.errors import DataError, OptionError

_PAIRS = (("x", "y"), ("X", "y"), ("images", "labels"), ("data", "target"), ("data", "labels"), ("features", "labels"))
_OFFICIAL: dict[SplitName, tuple[tuple[str, str], ...]] = {
    "train": (("x_train", "y_train"), ("X_train", "y_train"), ("train_images", "train_labels")),
    "validation": (("x_val", "y_val"), ("X_val", "y_val"), ("val_images", "val_labels")),
    "test": (("x_test", "y_test"), ("X_test", "y_test"), ("test_images", "test_labels")),
}
_ACCEPTED = (
    "one array under any name; or x, y; images, labels; data, target; "
    "or x_train, y_train, x_test, y_test; or train_images, train_labels, val_images, ..., test_labels"
)


def load_arrays(source: Any, options: DataOptions, fit: Fit | None = None) -> Dataset:
    """An array or tensor of items, or a pair of items and labels.

    Raises:
        DataError: it is neither.
    """
    if not isinstance(source, tuple):
        return from_arrays({"train": Part(source, _given_labels(options))}, "array", options, fit)
    if len(source) != 2:
        raise DataError(f"a tuple of {len(source)} was given as data; accepted: (items, labels)")
    if options.labels is not None:
        raise OptionError(f"labels={options.labels} and labels in the pair (items, labels) were both given")
    if _is_texts(source[0]):
        return load_labelled_pair(*source, options, fit)
    return from_arrays({"train": Part(*source, where="the array")}, "array", options, fit)


def _is_texts(items: Any) -> bool:
    return not isinstance(items, str) and len(items) > 0 and isinstance(items[0], str)


def load_npy(path: Path, options: DataOptions, fit: Fit | None = None) -> Dataset:
    """One array of items; labels from `options.labels`.

    Raises:
        DataError: it is no `.npy` file, or its array is no data.
    """
    array = _opened(path)
    where = f"'{path}'" + (f" with labels '{options.labels}'" if options.labels else "")
    return from_arrays({"train": Part(array, _given_labels(options), where)}, path.stem, options, fit)


def load_npz(path: Path, options: DataOptions, fit: Fit | None = None) -> Dataset:
    """One array under any name, items and labels under customary names, or official splits under Keras' or MedMNIST's.

    Raises:
        DataError: it is no `.npz` file, or the names do not say what is what.
    """
    with _opened(path) as archive:
        pairs = _named_parts(archive.files, path)
        parts = {
            key: Part(_member(archive, x, path), None if y is None else _member(archive, y, path), f"'{path}' ({x})")
            for key, (x, y) in pairs.items()
        }
    return from_arrays(parts, path.stem, options, fit)


def _given_labels(options: DataOptions) -> NDArray[Any] | None:
    return read_labels(Path(options.labels)) if options.labels else None


def _opened(path: Path) -> Any:
    try:
        found = np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"cannot read '{path}': {_reason(error)}") from error
    if isinstance(found, np.ndarray) == (path.suffix.lower() == ".npz"):
        raise DataError(f"'{path}' is not what its suffix says: rename it to {'.npy' if _is_array(found) else '.npz'}")
    return found


def _is_array(found: Any) -> bool:
    return isinstance(found, np.ndarray)


def _member(archive: Any, name: str, path: Path) -> NDArray[Any]:
    try:
        array: NDArray[Any] = archive[name]
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"cannot read '{name}' in '{path}': {_reason(error)}") from error
    return array


def _reason(error: Exception) -> str:
    if "allow_pickle" in str(error) or "pickled" in str(error):
        return "it holds Python objects, which are never opened; save plain numbers"
    return str(error)


def _named_parts(found: Iterable[str], path: Path) -> dict[SplitName, tuple[str, str | None]]:
    """Which arrays are the items and labels of each split."""
    names = list(found)
    if len(names) == 1:
        return {"train": (names[0], None)}
    parts = {key: _match(names, pairs) for key, pairs in _OFFICIAL.items()}
    official = {key: pair for key, pair in parts.items() if pair is not None}
    whole = _match(names, _PAIRS)
    single: dict[SplitName, tuple[str, str | None]] = {"train": whole} if whole else {}
    result = official if "train" in official else single
    if {name for pair in result.values() for name in pair} - {None} != set(names) or not names:
        raise DataError(f"'{path}' holds {', '.join(names) or 'nothing'}; accepted: {_ACCEPTED}")
    return result


def _match(names: list[str], pairs: tuple[tuple[str, str], ...]) -> tuple[str, str | None] | None:
    """The first pair whose items are there; its labels may be missing."""
    return next(((x, y if y in names else None) for x, y in pairs if x in names), None)
