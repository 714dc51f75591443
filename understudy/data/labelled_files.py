"""Labelled texts from folders, tables and archives, and from Python."""

import hashlib
import re
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from understudy.data.columns import read_columns
from understudy.data.dataset import Dataset, SplitName
from understudy.data.fit import Fit
from understudy.data.labelled_text import LabelledTexts, numbered, packed
from understudy.data.labels import checked_labels
from understudy.data.labels import numbered as class_numbers
from understudy.data.options import DataOptions
from understudy.data.places import folders
from understudy.data.scan import TEXTS, scan
from understudy.data.spec import LabelledTextSpec
from understudy.data.splits import Positions, Split, fold_split, permutation, split
from understudy.data.text_files import decoded, read_text
from understudy.data.vocabulary import learn_shared, pieces
from understudy.errors import DataError, OptionError

LABELLED_COLUMNS = ("text", "label")
REVIEWS = "review_polarity.tar.gz"
REVIEW = re.compile(r"txt_sentoken/(neg|pos)/cv(\d{3})_\d+\.txt")


@dataclass(frozen=True)
class LabelledPart:
    """Texts and the class of each.

    Attributes:
        where: of each text, the file or line that it is from, for messages.
    """

    texts: Sequence[str]
    labels: Any
    where: Sequence[str]


Parts = Mapping[SplitName, LabelledPart]


def load_text_folder(folder: Path, options: DataOptions, fit: Fit | None = None) -> Dataset:
    """A folder of `.txt` files, a subfolder for each class; see `scan.scan` for splits of the folder's own.

    Raises:
        DataError: a file is empty or not in the encoding, or there is no class.
    """
    parts: dict[SplitName, LabelledPart] = {}
    for key, group in scan(folder, TEXTS).items():
        if group.labels is None:
            raise DataError(f"the texts in '{folder}' have no classes; put those of each class into a subfolder")
        files = [folder / file for file in group.files]
        texts = [read_text(file, options.encoding) for file in files]
        parts[key] = LabelledPart(texts, group.labels, [f"'{file}'" for file in files])
    return from_labelled(parts, folder.resolve().name, options, fit)


def load_labelled_table(path: Path, options: DataOptions, fit: Fit | None = None) -> Dataset:
    """A `.csv` or `.tsv` with a column `text` and a column `label`; other columns are passed over.

    Raises:
        DataError: a line has more or fewer columns than the header.
    """
    table = read_columns(path, options.encoding, LABELLED_COLUMNS)
    part = LabelledPart(table.cells["text"], table.cells["label"], table.where)
    return from_labelled({"train": part}, path.stem, options, fit)


def load_labelled_pair(texts: Sequence[str], labels: Any, options: DataOptions, fit: Fit | None = None) -> Dataset:
    """Texts and their classes as given from Python.

    Raises:
        DataError: they are not one label for each text.
    """
    where = [f"text {place}" for place in range(len(texts))]
    part = LabelledPart(list(texts), checked_labels(labels, len(texts), "the texts"), where)
    return from_labelled({"train": part}, "texts", options, fit)


def load_review_polarity(options: DataOptions, fit: Fit | None = None) -> Dataset:
    """2,000 reviews of films, half of them in favour; their names' numbers order the customary folds.

    Reference: Pang and Lee, 2004, A Sentimental Education, ACL; polarity dataset v2.0, read straight from its archive.

    Raises:
        DataError: the archive is not there, or is another.
    """
    found = [path for folder in folders("text") if (path := folder / REVIEWS).is_file()]
    if not found:
        raise DataError(
            f"'review-polarity' is not here; put {REVIEWS} into the folder text/ of $UNDERSTUDY_DATA, or pass a folder "
            "of texts of your own"
        )
    members = _reviews(found[0])
    if len(members) != 2000:
        raise DataError(f"'{found[0]}' has {len(members)} reviews where 2,000 are expected; fetch it anew")
    texts = [decoded(data, "utf-8", f"'{found[0]}', {name}") for name, data in members]
    matches = [REVIEW.fullmatch(name) for name, _ in members]
    labels = [match[1] for match in matches if match]
    numbers = np.array([int(match[2]) for match in matches if match])
    part = LabelledPart(texts, labels, [name for name, _ in members])
    return from_labelled({"train": part}, "review-polarity", options, fit, numbers.argsort(kind="stable"))


def _reviews(path: Path) -> list[tuple[str, bytes]]:
    try:
        with tarfile.open(path, "r:gz") as archive:
            wanted = sorted(name for name in archive.getnames() if REVIEW.fullmatch(name))
            files = [(name, archive.extractfile(name)) for name in wanted]
            return [(name, file.read()) for name, file in files if file is not None]
    except (tarfile.TarError, EOFError, OSError) as error:
        raise DataError(f"cannot read '{path}': {error}; fetch it anew") from error


def from_labelled(
    parts: Parts, name: str, options: DataOptions, fit: Fit | None = None, order: Positions | None = None
) -> Dataset:
    """A data set of labelled texts; its vocabulary is the training part's, or that of the network it is read for.

    Args:
        parts: official splits. With "train" alone, validation and test are split off it; a missing one is, too.
        order: in which the texts are dealt out to folds; unset: as `split_seed` says.

    Raises:
        DataError: a text is empty, there are too few, or the network reads something else.
        OptionError: a fold of texts that have a test split of their own.
    """
    given = [checked_labels(part.labels, len(part.texts), f"'{name}'") for part in parts.values()]
    numbers, classes = class_numbers(given, f"'{name}'")
    ys = dict(zip(parts, numbers, strict=True))
    splits = _splits({key: len(part.texts) for key, part in parts.items()}, name, options, fit, order)
    texts = {key: [parts[source].texts[place] for place in places] for key, (source, places) in splits.items()}
    spec = _spec(texts["train"], classes, name, options, fit)
    _refuse_empty(parts, spec)
    items: dict[SplitName, LabelledTexts] = {
        key: packed(numbered(texts[key], spec), torch.from_numpy(ys[source][places]), spec)
        for key, (source, places) in splits.items()
    }
    return Dataset(name, spec, items["train"], items["validation"], items["test"], _fingerprint(parts))


def _splits(
    counts: Mapping[SplitName, int], name: str, options: DataOptions, fit: Fit | None, order: Positions | None
) -> dict[SplitName, tuple[SplitName, Positions]]:
    """Of each split, the part it is from, and the positions there."""
    whole = np.arange(counts["train"])
    if fit is not None and fit.whole and len(counts) == 1:
        return {"train": ("train", whole[:0]), "validation": ("train", whole[:0]), "test": ("train", whole)}
    inner = _dealt(len(whole), counts, name, options, order)
    found: dict[SplitName, tuple[SplitName, Positions]] = {
        "train": ("train", inner.train), "validation": ("train", inner.validation), "test": ("train", inner.test),
    }  # fmt: skip
    official = [(key, (key, np.arange(count))) for key, count in counts.items() if key != "train"]
    return {**found, **dict(official)}


def _dealt(
    count: int, counts: Mapping[SplitName, int], name: str, options: DataOptions, order: Positions | None
) -> Split:
    validation = 0 if "validation" in counts else options.validation_fraction
    if options.fold is None or options.folds is None:
        test = 0 if "test" in counts else options.test_fraction
        return split(count, test=test, validation=validation, seed=options.split_seed, name=name)
    if len(counts) > 1:
        raise OptionError(f"fold={options.fold}: '{name}' has splits of its own; leave fold and folds out")
    order = permutation(count, 5, options.split_seed) if order is None else order
    return fold_split(
        order, options.fold, options.folds, validation=validation, seed=options.split_seed, name=name
    )  # fmt: skip


def _spec(
    texts: Sequence[str], classes: tuple[str, ...], name: str, options: DataOptions, fit: Fit | None
) -> LabelledTextSpec:
    if fit is not None:
        if not isinstance(fit.spec, LabelledTextSpec):
            raise DataError(f"run was trained on {fit.spec.describe()}; '{name}' has labelled texts")
        spec = fit.spec
        return LabelledTextSpec(spec.unit, spec.vocabulary, spec.length, spec.cut, spec.lower_case, classes)
    unit = options.tokens or "words"
    if unit == "bpe":
        raise OptionError(
            "tokens=bpe goes with a text or pairs of sentences; labelled texts have words, characters or bytes"
        )
    if unit == "bytes" and options.least_count != DataOptions().least_count:
        raise OptionError(f"least_count={options.least_count} goes with words or characters; no byte is unknown")
    found = [pieces(text.lower() if options.lower_case else text, unit) for text in texts]
    vocabulary = () if unit == "bytes" else learn_shared(found, options.least_count)
    longest = max(len(text) for text in found)
    length = min(options.most_tokens or longest, longest)
    return LabelledTextSpec(unit, vocabulary, max(1, length), options.cut, options.lower_case, classes)


def _refuse_empty(parts: Parts, spec: LabelledTextSpec) -> None:
    for part in parts.values():
        for place, text in enumerate(part.texts):
            if not len(pieces(text, spec.unit)):
                raise DataError(f"{part.where[place]} has no {spec.unit} to read; remove it")


def _fingerprint(parts: Parts) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for key, part in parts.items():
        digest.update(f"{key} {len(part.texts)}\n".encode())
        for text, label in zip(part.texts, part.labels, strict=True):
            digest.update(f"{label}\0{len(text)}\0{text}".encode(errors="surrogatepass"))
    return digest.hexdigest()
