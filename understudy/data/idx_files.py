"""Data sets in IDX files: a folder with the customary four, or one file of pictures with its labels beside it."""

from pathlib import Path

from understudy.data.arrays import Part, from_arrays
from understudy.data.dataset import Dataset, SplitName
from understudy.data.fit import Fit
from understudy.data.idx import read_idx
from understudy.data.idx_names import beside, find_four
from understudy.data.labels import read_labels
from understudy.data.options import DataOptions
from understudy.errors import DataError


def load_idx_folder(
    folder: Path, options: DataOptions, fit: Fit | None = None, name: str = "", classes: tuple[str, ...] = ()
) -> Dataset:
    """The four files of MNIST's layout; the t10k files are the test split.

    Args:
        folder: where the files lie, with or without `.gz`.
        options: how to split and resize.
        fit: the trained network to fit, if any.
        name: the set's name; the folder's own by default.
        classes: names of the classes 0, 1, ...

    Raises:
        DataError: a file is missing or unsound.
    """
    files, missing = find_four(folder)
    if missing:
        raise DataError(f"'{folder}' lacks {', '.join(missing)} (each with or without .gz)")
    parts: dict[SplitName, Part] = {
        "train": _part(files["train-images-idx3-ubyte"], files["train-labels-idx1-ubyte"]),
        "test": _part(files["t10k-images-idx3-ubyte"], files["t10k-labels-idx1-ubyte"]),
    }
    return from_arrays(parts, name or folder.resolve().name, options, fit, classes)


def load_idx_file(path: Path, options: DataOptions, fit: Fit | None = None) -> Dataset:
    """One file of pictures; labels from `options.labels`, or from the file beside it whose name has "labels" instead.

    Raises:
        DataError: a file is unsound.
    """
    given = Path(options.labels) if options.labels else None
    found = beside(path)
    labels = read_labels(given) if given else read_idx(found) if found else None
    where = f"'{path}'" + (f" with labels '{given or found}'" if given or found else "")
    return from_arrays({"train": Part(read_idx(path), labels, where)}, path.name.split(".")[0], options, fit)


def _part(images: Path, labels: Path) -> Part:
    return Part(read_idx(images), read_idx(labels), f"'{images}' with labels '{labels.name}'")
