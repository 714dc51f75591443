"""A folder of pictures beside a table that says what is in them."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import torch

from understudy.data.captions import CaptionItems
from understudy.data.columns import read_columns
from understudy.data.dataset import Dataset, SplitName
from understudy.data.fit import Fit
from understudy.data.folder import kept, on_disk
from understudy.data.memory import ArrayItems
from understudy.data.options import DataOptions
from understudy.data.pairs import Rows
from understudy.data.scan import SPLIT_NAMES, Group
from understudy.data.sentences import Language, learn_language
from understudy.data.spec import CaptionSpec
from understudy.data.streaming import PictureItems
from understudy.data.text_files import bpe_size
from understudy.errors import DataError

TABLES = ("captions.csv", "captions.tsv")
Captions = dict[str, list[str]]
"""The captions of each picture, by its file's name."""


def load_caption_folder(folder: Path, options: DataOptions, fit: Fit | None = None) -> Dataset:
    """PNG and JPEG pictures, and `captions.csv` or `.tsv` with the columns `file` and `caption`.

    A picture may have several captions, each in a row of its own; all are in one split. A column `split` (train,
    validation, test) says which, where there is one. Pictures that the table does not name are left alone.

    Raises:
        DataError: a row names no picture or no caption, a picture is in two splits, or sizes differ.
        OptionError: tokens that sentences cannot have.
    """
    name, groups = folder.resolve().name, _told(_table(folder), folder, options.encoding)
    files = {split: Group(sorted(found)) for split, found in groups.items()}
    spec, pictures, digest = on_disk(folder, name, files, options, fit)
    captions = {file: texts for found in groups.values() for file, texts in found.items()}
    written = {split: _captions_of(items, captions) for split, items in pictures.items()}
    target = _language(written["train"], options, name, fit)
    own = CaptionSpec(spec.channels, spec.height, spec.width, target)
    if fit is not None:
        fit.check(own, name)
    held = kept(pictures, spec, name)
    train, validation, test = (_items(held[split], written[split], target) for split in ("train", "validation", "test"))
    return Dataset(name, own, train, validation, test, _fingerprint(digest, captions))


def _table(folder: Path) -> Path:
    found = [path for path in sorted(folder.iterdir()) if path.name.lower() in TABLES]
    if len(found) > 1:
        raise DataError(f"'{folder}' has {' and '.join(path.name for path in found)}; keep one of them")
    return found[0]


def _told(table: Path, folder: Path, encoding: str) -> dict[SplitName, Captions]:
    """The table's rows by split; all of them are "train" where it names none."""
    rows = read_columns(table, encoding, ("file", "caption"), ("split",))
    if not rows.where:
        raise DataError(f"'{table}' has no rows; each names a picture and says what is in it")
    count = len(rows.where)
    columns = (rows.cells.get("split", ["train"] * count), rows.cells["file"], rows.cells["caption"], rows.where)
    groups: dict[SplitName, Captions] = {"train": {}}
    home: dict[str, SplitName] = {}
    for name, given, written, where in zip(*columns, strict=True):
        split, (file, text) = _split(name, where), _checked(folder, given.strip(), written, where)
        if home.setdefault(file, split) != split:
            raise DataError(f"{where}: '{file}' is in {split}, and in {home[file]} before; a picture has one split")
        groups.setdefault(split, {}).setdefault(file, []).append(text)
    if not groups["train"]:
        raise DataError(f"'{table}' has no row of the split train")
    return groups


def _split(given: str, where: str) -> SplitName:
    if given.strip().lower() not in SPLIT_NAMES:
        raise DataError(f"{where}: there is no split '{given}'; accepted: {', '.join(SPLIT_NAMES)}")
    return SPLIT_NAMES[given.strip().lower()]


def _checked(folder: Path, file: str, text: str, where: str) -> tuple[str, str]:
    if not file or not (folder / file).is_file():
        raise DataError(f"{where} names '{file}', which is not in '{folder}'; give names as they are below the folder")
    if not text.split():
        raise DataError(f"{where}: '{file}' has an empty caption; write one, or remove the row")
    return os.path.normpath(file), " ".join(text.split())


def _captions_of(items: PictureItems, captions: Captions) -> list[list[str]]:
    return [captions[os.fsdecode(items.paths.relative(int(place)))] for place in items.places]


def _language(written: list[list[str]], options: DataOptions, name: str, fit: Fit | None) -> Language:
    if fit is not None:
        if not isinstance(fit.spec, CaptionSpec):
            raise DataError(f"run was trained on {fit.spec.describe()}; '{name}' has pictures with captions")
        return fit.spec.target
    unit = options.tokens or "words"
    return learn_language([text for texts in written for text in texts], unit, bpe_size(options, [unit]))


def _items(pictures: ArrayItems, written: list[list[str]], target: Language) -> CaptionItems:
    texts = tuple(text for some in written for text in some)
    shown = torch.arange(len(written)).repeat_interleave(
        torch.tensor([len(some) for some in written], dtype=torch.long)
    )
    return CaptionItems(pictures.x, Rows.of([target.encode(text) for text in texts]), texts, shown)


def _fingerprint(pictures: str, captions: Mapping[str, list[str]]) -> str:
    digest = hashlib.blake2b(pictures.encode(), digest_size=16)
    for file in sorted(captions):
        digest.update(repr((file, captions[file])).encode())
    return digest.hexdigest()
