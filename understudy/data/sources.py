"""One way to every kind of data: `load("digits")`, `load("photos/")`, `load("table.npy")`, `load((x, y))`.

Adding a known set or a kind of file is one line in a table below. This module imports neither torch nor scikit-learn,
so that listing is fast; the readers are named as strings and imported when they are needed.
"""

import difflib
import fnmatch
import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from understudy.data import mnist
from understudy.data.heeded import refuse_foreign
from understudy.data.options import DataOptions
from understudy.data.places import folders
from understudy.errors import DataError, OptionError, UnknownName

if TYPE_CHECKING:
    from understudy.data.dataset import Dataset
    from understudy.data.fit import Fit


@dataclass(frozen=True)
class DataName:
    """A set that can be asked for by name.

    Attributes:
        where: "bundled", the folder that has it, or "will be downloaded".
    """

    name: str
    summary: str
    where: str


@dataclass(frozen=True)
class _Known:
    summary: str
    loader: str
    argument: str | None = None  # for a loader of several sets: which one
    file: str | None = None  # for a set that must be there already: one of its files
    fetched: str | None = None  # for a set that can be downloaded: what of `mnist.PUBLISHED` it takes


_KNOWN = {
    "pydoc": _Known("Python's own help, half a million characters of English", "understudy.data.text_files:load_pydoc"),
    "tinyshakespeare": _Known(
        "1,115,394 characters of Shakespeare",
        "understudy.data.text_files:load_tinyshakespeare",
        file="text/tinyshakespeare.txt",
    ),
    "milk": _Known(
        "milk per cow, 168 months",
        "understudy.data.series_files:load_milk",
        file="series/monthly-milk-production.csv",
    ),
    "airline": _Known(
        "airline passengers, 144 months",
        "understudy.data.series_files:load_airline",
        file="series/airline-passengers.csv",
    ),
    "mackey-glass": _Known(
        "2,000 samples of a chaotic series, computed", "understudy.data.series_made:load_mackey_glass"
    ),
    "tides": _Known("the tide for 120 days, hourly, computed", "understudy.data.series_made:load_tides"),
    "dates": _Known(
        "40,000 dates written in many styles, and as 1776-07-04", "understudy.data.pair_files:computed", "dates"
    ),
    "number-words": _Known(
        "40,000 numbers in words, and in digits", "understudy.data.pair_files:computed", "number-words"
    ),
    "multi30k-de-en": _Known(
        "31,014 captions in German and in English",
        "understudy.data.pair_files:load_multi30k",
        file="multi30k/train.de.gz",
    ),
    "review-polarity": _Known(
        "2,000 reviews of films, for and against, 2 classes",
        "understudy.data.labelled_files:load_review_polarity",
        file="text/review_polarity.tar.gz",
    ),
    "digits": _Known("1,797 handwritten digits, 1x8x8, 10 classes", "understudy.data.digits:load_digits"),
    "digit-rows": _Known("the digits once more, to be read row by row", "understudy.data.digits:load_digit_rows"),
    "digit-captions": _Known(
        "23,000 numbers of two or three digits, and in words", "understudy.data.digit_captions:load_digit_captions"
    ),
    "digits-to-outlines": _Known(
        "digits enlarged to 1x16x16, and other digits' outlines: unpaired, 10 classes",
        "understudy.data.domain_sets:load_digits_to_outlines",
    ),
    "digits-to-mnist": _Known(
        "digits enlarged to 1x28x28, and MNIST: unpaired, 10 classes",
        "understudy.data.domain_sets:load_digits_to_mnist",
        fetched="mnist",
    ),
    "stacked-mnist": _Known(
        "160,000 stacks of three of MNIST's digits, 3x28x28, 1,000 classes",
        "understudy.data.stacked_mnist:load_stacked_mnist",
        fetched="mnist",
    ),
    "adding": _Known(
        "the adding problem: the sum of two marked numbers among 100, or --set length=N",
        "understudy.data.memory_problems:loader",
        "adding",
    ),
    "copy-memory": _Known(
        "ten symbols to be said again after a wait of 100 steps, or --set length=N",
        "understudy.data.memory_problems:loader",
        "copy-memory",
    ),
    "rings": _Known("10,000 points on three circles, 3 classes", "understudy.data.points:loader", "rings"),
    "moons": _Known("10,000 points on two half circles, 2 classes", "understudy.data.points:loader", "moons"),
    "gaussians": _Known("10,000 points of eight densities, 8 classes", "understudy.data.points:loader", "gaussians"),
    **{
        name: _Known(it.summary, "understudy.data.mnist:loader", name, fetched=name)
        for name, it in mnist.PUBLISHED.items()
    },
}

# The first pattern that fits a file's name, in lower case, decides.
_FILES = {
    "*.npy": "understudy.data.array_files:load_npy",
    "*.npz": "understudy.data.array_files:load_npz",
    "*ubyte": "understudy.data.idx_files:load_idx_file",
    "*ubyte.gz": "understudy.data.idx_files:load_idx_file",
    "*.idx": "understudy.data.idx_files:load_idx_file",
    "*.idx.gz": "understudy.data.idx_files:load_idx_file",
    "*.txt": "understudy.data.text_files:load_text_file",
    "*.csv": "understudy.data.tables:load_table",
    "*.tsv": "understudy.data.tables:load_table",
}

# The first pattern that a file in the folder fits decides; "*" is any folder.
_FOLDERS = {
    "captions.[ct]sv": "understudy.data.caption_folder:load_caption_folder",
    "*-idx?-ubyte*": "understudy.data.idx_files:load_idx_folder",
    "train[ab]": "understudy.data.domain_folder:load_domain_folder",
    "*": "understudy.data.folder:load_folder",
}

_LABELLED = ("*.npy", "*ubyte", "*ubyte.gz", "*.idx", "*.idx.gz")  # the kinds of file that `labels` goes with


def known_names() -> tuple[str, ...]:
    """The names that `load` knows."""
    return tuple(_KNOWN)


def names() -> list[DataName]:
    """Every known set, and where it is."""
    return [DataName(name, known.summary, _where(name)) for name, known in _KNOWN.items()]


def _where(name: str) -> str:
    known = _KNOWN[name]
    if (file := known.file) is not None:
        folder, _, own = file.partition("/")
        return next((str(it) for it in folders(folder) if (it / own).is_file()), "not here")
    return "bundled" if known.fetched is None else str(mnist.located(known.fetched) or "will be downloaded")


def load(source: Any, options: DataOptions = DataOptions(), fit: "Fit | None" = None) -> "Dataset":  # noqa: B008
    """A data set with its three splits.

    Args:
        source: a known name (see `names`), a path to a folder of pictures (of one domain, of two, or with captions), to
            IDX, `.npy` or `.npz` files, a text, a folder or table of labelled texts, or (from Python) an array or
            tensor, or a pair of items and labels. A known name wins over a folder so called: write `./mnist` for the
            folder.
        options: how to read and split.
        fit: read it for this trained network; see `conform.load_for`.

    Example:
        >>> load("digits").sizes
        {'train': 1294, 'validation': 144, 'test': 359}

    Raises:
        UnknownName: no set has that name.
        DataError: it cannot be read, or is no data to learn from.
        OptionError: an option does not go with this kind of data.
    """
    if isinstance(source, str | os.PathLike):
        found = _load_named(os.fspath(source), options, fit)
    else:
        found = _imported("understudy.data.array_files:load_arrays")(source, options, fit)
    refuse_foreign(options, found)
    if fit is not None and fit.whole:
        return found
    if options.leave_out is not None:
        found = _imported("understudy.data.left_out:leave_out")(found, options.leave_out, rescale=fit is None)
    if options.train_items is not None:
        found = _imported("understudy.data.fewer:fewer")(found, options.train_items, options.split_seed)
    return found


def _load_named(source: str, options: DataOptions, fit: "Fit | None") -> "Dataset":
    known = _KNOWN.get(source)
    if known is not None:
        _refuse_labels(options, f"'{source}' has labels of its own")
        loader = _imported(known.loader)
        loader = loader(known.argument) if known.argument else loader
        return loader(options, fit)  # type: ignore[no-any-return]
    path = Path(source).expanduser()
    if not source or not path.exists():
        raise _not_found(source, path)
    try:
        reader = _folder_reader(path, options) if path.is_dir() else _file_reader(path, options)
        return reader(path, options, fit)  # type: ignore[no-any-return]
    except OSError as error:
        raise DataError(f"cannot read '{error.filename or source}': {error.strerror or error}") from error


def _imported(target: str) -> Callable[..., Any]:
    module, name = target.split(":")
    loader: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return loader


def _file_reader(path: Path, options: DataOptions) -> Callable[..., Any]:
    pattern = next((it for it in _FILES if fnmatch.fnmatch(path.name.lower(), it)), None)
    if pattern is None:
        accepted = (
            "a folder of .png or .jpg pictures, with a captions.csv if they have any, IDX files (*-ubyte, also .gz), "
            ".npy, .npz or .txt; pairs of sentences, series and labelled texts in .csv or .tsv, labelled texts in "
            "folders"
        )
        raise DataError(f"cannot read '{path}': this kind of file is not known; accepted: {accepted}")
    if pattern not in _LABELLED:
        _refuse_labels(options, f"'{path.name}' holds its own labels")
    return _imported(_FILES[pattern])


def _folder_reader(path: Path, options: DataOptions) -> Callable[..., Any]:
    _refuse_labels(options, f"'{path}' is a folder, whose subfolders are the labels")
    found = [entry.name.lower() for entry in os.scandir(path)]
    from understudy.data.scan import holds_texts  # imports a library that listing does not need

    if holds_texts(path):
        return _imported("understudy.data.labelled_files:load_text_folder")
    return _imported(next(_FOLDERS[it] for it in _FOLDERS if it == "*" or fnmatch.filter(found, it)))


def _refuse_labels(options: DataOptions, reason: str) -> None:
    if options.labels is not None:
        raise OptionError(f"labels={options.labels} goes with a .npy or IDX file of items, but {reason}")


def _not_found(source: str, path: Path) -> Exception:
    separators = {os.sep, os.altsep or os.sep}
    if not path.suffix and not separators & set(source):
        return UnknownName("data set", source, _KNOWN, "A path works too.")
    return DataError(f"no such file: '{source}'{_near(path)}")


def _near(path: Path) -> str:
    if not path.parent.is_dir():
        return f"; there is no folder '{path.parent}' either"
    near = difflib.get_close_matches(path.name, [entry.name for entry in os.scandir(path.parent)], n=3)
    return f"; near it in '{path.parent}': {', '.join(sorted(near))}" if near else ""
