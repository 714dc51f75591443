"""What lies in a folder of pictures or texts: files, labels from subfolders, official splits from their names."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from understudy.data.dataset import SplitName
from understudy.data.decode import SUFFIXES
from understudy.errors import DataError

SPLIT_NAMES: dict[str, SplitName] = {
    "train": "train",
    "validation": "validation",
    "val": "validation",
    "valid": "validation",
    "test": "test",
}


@dataclass(frozen=True)
class Sort:
    """A kind of file that is looked for.

    Attributes:
        name: in words, several of them.
        suffixes: in lower case, each with its dot.
    """

    name: str
    suffixes: tuple[str, ...]

    def fits(self, file: str) -> bool:
        """By its name: not hidden, and a suffix that is accepted."""
        return not file.startswith(".") and file.lower().endswith(self.suffixes)


PICTURES, TEXTS = Sort("pictures", SUFFIXES), Sort("texts", (".txt",))


def holds_texts(root: Path) -> bool:
    """Whether the first subfolder with texts or pictures has texts, and no pictures."""
    for place, inner, files in os.walk(root):
        inner.sort()
        if Path(place) != root and any(map(PICTURES.fits, files)):
            return False
        if Path(place) != root and any(map(TEXTS.fits, files)):
            return True
    return False


@dataclass(frozen=True)
class Group:
    """The files of one split, or of the whole folder where it names none.

    Attributes:
        files: paths below the data folder, sorted within each class.
        labels: the class name of each file; None where no subfolder names one.
    """

    files: list[str] = field(default_factory=list)
    labels: list[str] | None = None


def scan(root: Path, sort: Sort = PICTURES) -> dict[SplitName, Group]:
    """Every file of this sort in the folder; hidden files and other suffixes are passed over.

    Those directly in the folder have no label; those in subfolders, however deep, are labelled by the first one.
    Subfolders `train`, `validation` (or `val`, `valid`) and `test` are official splits, each with the same layout.

    Raises:
        DataError: no such file, loose ones beside labelled ones, or splits that do not agree.
    """
    folders = _subfolders(root)
    known = {name.lower() for name in folders} & set(SPLIT_NAMES)
    if "train" in known or (known and len(known) == len(folders)):
        return _official(root, folders, sort)
    group = _group(root, root, sort)
    if not group.files:
        raise DataError(_nothing(root, sort))
    return {"train": group}


def scan_sides(root: Path, side: str, sides: Sequence[str], sort: Sort = PICTURES) -> dict[SplitName, Group]:
    """The files of one of several sides, whose subfolders are `train` and its letter, `test` and its letter ...

    Raises:
        DataError: a side has no training files, or something else lies in the folder.
    """
    known = {f"{name}{letter}".lower(): (split, letter) for name, split in SPLIT_NAMES.items() for letter in sides}
    accepted = ", ".join(f"{name}{letter}" for name in ("train", "val", "test") for letter in sides)
    loose = next(_loose(root, sort), None)
    groups: dict[SplitName, Group] = {}
    for name in [*_subfolders(root), *([loose] if loose else [])]:
        if name.lower() not in known:
            raise DataError(f"'{root}' has pictures of two domains and also '{name}'; accepted: {accepted}")
        split, letter = known[name.lower()]
        if letter != side:
            continue
        if split in groups:
            raise DataError(f"'{root}' has two folders for {split}{side}; keep one of them")
        groups[split] = _group(root, root / name, sort)
        if not groups[split].files:
            raise DataError(_nothing(root / name, sort))
    if "train" not in groups:
        raise DataError(f"'{root}' has no folder train{side}; accepted: {accepted}")
    _refuse_unlike(root, groups)
    return groups


def _official(root: Path, folders: list[str], sort: Sort) -> dict[SplitName, Group]:
    groups: dict[SplitName, Group] = {}
    for name in folders:
        split = SPLIT_NAMES.get(name.lower())
        if split is None:
            raise DataError(f"'{root}' has split folders and also '{name}'; move it away, or into the split folders")
        if split in groups:
            raise DataError(f"'{root}' has two folders for {split}: keep one of {', '.join(sorted(SPLIT_NAMES))}")
        groups[split] = _group(root, root / name, sort)
        if not groups[split].files:
            raise DataError(_nothing(root / name, sort))
    if "train" not in groups:
        raise DataError(f"'{root}' has {', '.join(folders)} but no train folder")
    if any(_loose(root, sort)):
        raise DataError(f"'{root}' has split folders and also loose {sort.name}, such as '{next(_loose(root, sort))}'")
    _refuse_unlike(root, groups)
    return groups


def _refuse_unlike(root: Path, groups: dict[SplitName, Group]) -> None:
    classes = {split: set(group.labels or ()) for split, group in groups.items()}
    for split, found in classes.items():
        odd = sorted(found ^ classes["train"])
        if odd:
            raise DataError(f"'{root}': train and {split} have different classes; only one of them has '{odd[0]}'")


def _group(root: Path, folder: Path, sort: Sort) -> Group:
    prefix = os.path.relpath(folder, root) + os.sep if folder != root else ""
    loose = [prefix + name for name in _loose(folder, sort)]
    labelled = [(prefix + path, label) for label in _subfolders(folder) for path in _deep(folder, label, sort)]
    if loose and labelled:
        raise DataError(
            f"'{folder}' has loose {sort.name} ('{Path(loose[0]).name}') beside subfolders of {sort.name} "
            f"('{labelled[0][1]}'); subfolders are labels, so move the loose ones into one, or away"
        )
    if not labelled:
        return Group(sorted(loose))
    return Group([path for path, _ in labelled], [label for _, label in labelled])


def _loose(folder: Path, sort: Sort) -> Iterator[str]:
    with os.scandir(folder) as entries:
        yield from (entry.name for entry in entries if sort.fits(entry.name) and entry.is_file())


def _subfolders(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith("."))


def _deep(folder: Path, label: str, sort: Sort) -> Iterator[str]:
    for place, inner, files in os.walk(folder / label, onerror=_raise):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        prefix = os.path.relpath(place, folder) + os.sep
        yield from (prefix + name for name in sorted(files) if sort.fits(name))


def _raise(error: Any) -> None:
    raise DataError(f"cannot read '{error.filename}': {error.strerror}") from error


def _nothing(folder: Path, sort: Sort) -> str:
    found = {path.suffix.lower() for path in folder.iterdir()}
    cure = "; give its .npy or .npz file itself" if found & {".npy", ".npz"} else ""
    cure = "; texts of a class each belong into subfolders, one for each class" if found & set(TEXTS.suffixes) else cure
    return f"no {sort.name} in '{folder}'; accepted: {', '.join(sort.suffixes)}{cure}"
