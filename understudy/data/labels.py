"""Labels as given (numbers or names) to class numbers and class names."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.errors import DataError

Labels = NDArray[np.int64]


def read_labels(path: Path) -> NDArray[Any]:
    """One label per item from a `.npy` file, or from a text file with one per line.

    Raises:
        DataError: there is no such file, or it holds something else.
    """
    if not path.is_file():
        raise DataError(f"no such labels file: '{path}'")
    if path.suffix.lower() != ".npy":
        return _text_labels(path)
    try:
        labels: NDArray[Any] = np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"cannot read labels file '{path}': {error}") from error
    return labels


def _text_labels(path: Path) -> NDArray[Any]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise DataError(f"labels file '{path}' is neither .npy nor UTF-8 text: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            raise DataError(f"labels file '{path}' has an empty line {number}; one label per line is expected")
    names = np.array([line.strip() for line in lines], dtype=np.str_)
    return _whole(names)


def _whole(names: NDArray[np.str_]) -> NDArray[Any]:
    """Numbers where every line is one, so that 10 sorts after 9."""
    try:
        return names.astype(np.int64)
    except (ValueError, OverflowError):
        return names


def checked_labels(labels: Any, count: int, where: str) -> NDArray[Any]:
    """Labels as one flat array of whole numbers or names.

    Args:
        labels: (count,) or (count, 1); whole numbers (also as floats), booleans or strings.
        count: how many items they belong to.
        where: the file or argument, for messages.

    Raises:
        DataError: another shape, count or type.
    """
    labels = np.asarray(labels)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise DataError(f"{where}: labels have shape {labels.shape}; accepted: one label per item, ({count},)")
    if len(labels) != count:
        raise DataError(f"{where}: {len(labels)} labels for {count} items; there must be one for each")
    if labels.dtype.kind not in _READABLE:
        raise DataError(f"{where}: labels of type {labels.dtype} cannot be read; accepted: whole numbers or strings")
    return _READABLE[labels.dtype.kind](labels, where)


def _numbers(labels: NDArray[Any], where: str) -> NDArray[Any]:
    whole = labels.astype(np.int64)
    bad = np.flatnonzero(whole != labels)
    if len(bad):
        first = bad[0]
        raise DataError(f"{where}: label {first} is {labels[first]}; accepted: whole numbers or strings")
    return whole


def _floats(labels: NDArray[Any], where: str) -> NDArray[Any]:
    bad = np.flatnonzero(~np.isfinite(labels))
    if len(bad):
        raise DataError(f"{where}: label {bad[0]} is {labels[bad[0]]}; accepted: whole numbers or strings")
    return _numbers(labels, where)


def _strings(labels: NDArray[Any], where: str) -> NDArray[Any]:
    return labels


def _bytes(labels: NDArray[Any], where: str) -> NDArray[Any]:
    try:
        return np.char.decode(labels, "utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{where}: labels are not UTF-8: {error}") from error


# NumPy's one-letter kinds of dtype
_READABLE = {"b": _numbers, "i": _numbers, "u": _numbers, "f": _floats, "U": _strings, "S": _bytes}


def numbered(parts: Sequence[NDArray[Any]], where: str) -> tuple[list[Labels], tuple[str, ...]]:
    """Class numbers of each part, and the class names: every label that occurs in any part, sorted."""
    if len({part.dtype.kind == "U" for part in parts}) > 1:
        raise DataError(f"{where}: some labels are numbers and some are strings")
    names, flat = np.unique(np.concatenate(parts), return_inverse=True)
    ends = np.cumsum([len(part) for part in parts])[:-1]
    return np.split(flat.astype(np.int64), ends), tuple(str(name) for name in names)
