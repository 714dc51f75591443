"""Pairs of sentences from files, and those that have a name."""

import csv
import gzip
import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from understudy.data.dataset import SPLITS, Dataset
from understudy.data.fit import Fit
from understudy.data.number_words import number_pairs
from understudy.data.options import DataOptions
from understudy.data.pairs import PairItems
from understudy.data.places import folders
from understudy.data.sentences import learn_language
from understudy.data.spec import PairSpec
from understudy.data.splits import split
from understudy.data.text_files import bpe_size, delimiter, read_text
from understudy.data.vocabulary import Unit
from understudy.data.written_dates import date_pairs
from understudy.errors import DataError

Pairs = Sequence[tuple[str, str]]
Loader = Callable[[DataOptions, Fit | None], Dataset]
HEADING = ("source", "target")
COMPUTED: dict[str, Callable[[], Pairs]] = {"dates": date_pairs, "number-words": number_pairs}
MULTI30K = {"train": "train", "validation": "val", "test": "test_2016_flickr"}


def load_pair_file(path: Path, options: DataOptions, fit: Fit | None = None) -> Dataset:
    """A .tsv or .csv file of two columns: what is read, and what is to be written.

    Raises:
        DataError: a line has another number of columns, or it cannot be decoded.
    """
    return divided(read_pairs(path, options.encoding), path.stem, options, fit)


def read_pairs(path: Path, encoding: str = "utf-8") -> Pairs:
    """The pairs of a file; a first line of "source" and "target" is a heading, empty lines are passed over.

    Raises:
        DataError: a line has another number of columns; the message has its number.
    """
    text = read_text(path, encoding)
    if path.suffix.lower() == ".csv":
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter(path, text)))
    else:
        rows = [line.split("\t") for line in text.split("\n")]
    pairs = []
    for number, row in enumerate(rows, 1):
        if not "".join(row).strip():
            continue
        if len(row) != 2 or not all(cell.strip() for cell in row):
            raise DataError(
                f"'{path}', line {number}: {len(row)} columns where two are wanted, neither empty: what is read, and "
                "what is to be written"
            )
        pairs.append((row[0].strip(), row[1].strip()))
    return pairs[1:] if pairs and tuple(cell.lower() for cell in pairs[0]) == HEADING else pairs


def computed(name: str) -> Loader:
    """What loads one of the sets that are computed."""

    def load(options: DataOptions, fit: Fit | None = None) -> Dataset:
        return divided(COMPUTED[name](), name, options, fit)

    return load


def load_multi30k(options: DataOptions, fit: Fit | None = None) -> Dataset:
    """Multi30k, German to English: 29,000, 1,014 and 1,000 captions, from `multi30k/` of `$UNDERSTUDY_DATA`.

    Reference: Elliott et al., 2016, Multi30K: Multilingual English-German Image Descriptions, arXiv:1605.00459.

    Raises:
        DataError: a file is not there.
    """
    parts = {}
    for name, stem in MULTI30K.items():
        sides = [_lines(f"{stem}.{language}.gz") for language in ("de", "en")]
        parts[name] = list(zip(*sides, strict=True))
    return assembled(parts, "multi30k-de-en", options, fit, usual="bpe")


def _lines(name: str) -> list[str]:
    found = [path for folder in folders("multi30k") if (path := folder / name).is_file()]
    if not found:
        raise DataError(
            f"'multi30k-de-en' is not here; put {name} and its like into the folder multi30k/ of $UNDERSTUDY_DATA, or "
            "pass a .tsv file of your own"
        )
    return [line.strip() for line in gzip.decompress(found[0].read_bytes()).decode().splitlines()]


def divided(pairs: Pairs, name: str, options: DataOptions, fit: Fit | None = None) -> Dataset:
    """Pairs, split by what is read: no source is in two splits, however often it occurs.

    Raises:
        DataError: there are too few.
    """
    if fit is not None and fit.whole:
        return assembled({"test": pairs}, name, options, fit)
    groups: dict[str, list[int]] = {}
    for place, pair in enumerate(pairs):
        groups.setdefault(pair[1 if options.reverse else 0], []).append(place)
    members = list(groups.values())
    parts = split(
        len(members),
        test=options.test_fraction,
        validation=options.validation_fraction,
        seed=options.split_seed,
        name=name,
    )
    chosen: dict[str, Pairs] = {
        key: [pairs[place] for group in getattr(parts, key) for place in members[group]] for key in SPLITS
    }
    return assembled(chosen, name, options, fit)


def assembled(
    parts: Mapping[str, Pairs], name: str, options: DataOptions, fit: Fit | None = None, usual: Unit = "characters"
) -> Dataset:
    """A data set from pairs in their splits; its languages are the training part's, or the trained network's.

    Args:
        usual: the unit of both sides where the options name none.

    Raises:
        DataError: the network that they are read for learned from something else.
        OptionError: a unit that sentences cannot have, or bpe_size without bpe.
    """
    if fit is not None and not isinstance(fit.spec, PairSpec):
        raise DataError(f"run was trained on {fit.spec.describe()}; '{name}' has pairs of sentences")
    if options.reverse:
        parts = {key: [(target, source) for source, target in pairs] for key, pairs in parts.items()}
    spec = fit.spec if fit is not None and isinstance(fit.spec, PairSpec) else _learned(parts["train"], options, usual)
    train, validation, test = (PairItems.of(parts.get(key, ()), spec) for key in SPLITS)
    if fit is None:
        spec = replace(spec, surplus=max(0, int((train.targets.lengths - train.sources.lengths).max())))
    digest = hashlib.blake2b(repr([list(parts.get(key, ())) for key in SPLITS]).encode(), digest_size=16)
    return Dataset(name, spec, train, validation, test, digest.hexdigest())


def _learned(pairs: Pairs, options: DataOptions, usual: Unit) -> PairSpec:
    units = options.tokens or usual, options.target_tokens or options.tokens or usual
    size = bpe_size(options, units)
    source, target = (learn_language([pair[side] for pair in pairs], unit, size) for side, unit in enumerate(units))
    return PairSpec(source, target)
