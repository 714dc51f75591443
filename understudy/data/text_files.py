"""Text files, and the texts that have a name."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from understudy.data.dataset import Dataset
from understudy.data.fit import Fit
from understudy.data.options import DataOptions
from understudy.data.places import folders
from understudy.data.spec import TextSpec
from understudy.data.splits import share
from understudy.data.text import WARM_UP, TextItems
from understudy.data.vocabulary import BPE_SIZE, Unit, encode, learn_tokens
from understudy.errors import DataError, OptionError

TEST_SHARE, VALIDATION_SHARE = 0.1, 0.05
"""Of a text its end is held out, as published figures have it: unlike pictures, neighbours in a text are alike."""


def load_text_file(path: Path, options: DataOptions, fit: Fit | None = None) -> Dataset:
    """A text file, its last part held out.

    Raises:
        DataError: it cannot be decoded, or is too short.
    """
    return from_text(read_text(path, options.encoding), path.stem, options, fit)


def load_tinyshakespeare(options: DataOptions, fit: Fit | None = None) -> Dataset:
    """Karpathy's 1,115,394 characters of Shakespeare, from `text/tinyshakespeare.txt` of `$UNDERSTUDY_DATA`.

    Raises:
        DataError: the file is not there.
    """
    found = [path for folder in folders("text") if (path := folder / "tinyshakespeare.txt").is_file()]
    if not found:
        raise DataError(
            "'tinyshakespeare' is not here; put tinyshakespeare.txt into the folder text/ of $UNDERSTUDY_DATA, or pass "
            "a text file of your own"
        )
    return from_text(read_text(found[0], "utf-8"), "tinyshakespeare", options, fit)


def load_pydoc(options: DataOptions, fit: Fit | None = None) -> Dataset:
    """The English text of Python's own help, about half a million characters; it comes with every Python."""
    from pydoc_data.topics import topics

    return from_text("\n".join(topics[name] for name in sorted(topics)), "pydoc", options, fit)


def read_text(path: Path, encoding: str) -> str:
    """A file's text.

    Raises:
        DataError: the bytes are no text in this encoding; the message names the place.
    """
    return decoded(path.read_bytes(), encoding, f"'{path}'")


def decoded(data: bytes, encoding: str, where: str) -> str:
    """Bytes as text, lines ended alike.

    Raises:
        DataError: they are no text in this encoding; the message names the place.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    try:
        return data.decode("utf-8-sig" if encoding == "utf-8" else encoding).replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{where} is not {encoding}: byte 0x{data[error.start]:02x} at {error.start}; name its encoding, such as "
            "--set encoding=latin-1"
        ) from None
    except LookupError:
        raise DataError(f"encoding '{encoding}' is not known; try utf-8, latin-1, cp1252 or utf-16") from None


def delimiter(path: Path, text: str) -> str:
    """What stands between a table's columns: a tab in `.tsv`, else the comma or semicolon, as its first row has it."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    return "\t" if path.suffix.lower() == ".tsv" else max(",;", key=first.count)


def from_text(text: str, name: str, options: DataOptions, fit: Fit | None = None) -> Dataset:
    """A data set from one text: training, validation and test are its beginning, middle and end.

    The vocabulary is the training part's, or that of the network that the text is read for.

    Raises:
        DataError: the text is too short for three splits.
    """
    spec = fit.spec if fit is not None and isinstance(fit.spec, TextSpec) else None
    if fit is not None and spec is None:
        raise DataError(f"run was trained on {fit.spec.describe()}; '{name}' is a text")
    unit = spec.unit if spec else options.tokens or "characters"
    whole = fit is not None and fit.whole
    tests = len(text) if whole else share(len(text), options.test_fraction or TEST_SHARE)
    validations = 0 if whole else share(len(text) - tests, options.validation_fraction or VALIDATION_SHARE)
    cuts = [len(text) - tests - validations, len(text) - tests]
    parts = [text[: cuts[0]], text[cuts[0] : cuts[1]], text[cuts[1] :]]
    if spec is None:
        spec = TextSpec(unit, learn_tokens(parts[0], unit, bpe_size(options, [unit])), options.sequence_length)
    numbers = [encode(part, unit, spec.vocabulary) for part in parts]
    least = 2 if whole else 2 * spec.window
    if min(len(part) for part in numbers[2 if whole else 0 :]) < least:
        sizes = ", ".join(f"{len(part):,}" for part in numbers)
        raise DataError(
            f"'{name}' is too short: its splits have {sizes} {unit}, and each needs {least}, two windows; give more "
            "text, or a shorter one with --set sequence_length=16"
        )
    digest = hashlib.blake2b(text.encode(), digest_size=16)
    train, validation, test = (_items(numbers, place, spec) for place in range(3))
    return Dataset(name, spec, train, validation, test, digest.hexdigest())


def bpe_size(options: DataOptions, units: Sequence[Unit]) -> int:
    """Entries of a bpe vocabulary.

    Raises:
        OptionError: they were asked for, but nothing is cut into pieces.
    """
    if options.bpe_size is not None and "bpe" not in units:
        raise OptionError(f"bpe_size={options.bpe_size} goes with tokens=bpe; here tokens are {' and '.join(units)}")
    return options.bpe_size or BPE_SIZE


def _items(parts: list[NDArray[np.int64]], place: int, spec: TextSpec) -> TextItems:
    small = np.uint8 if spec.size_of_vocabulary <= 256 else np.int32
    before = np.concatenate([np.empty(0, np.int64), *parts[:place]])[-WARM_UP:]
    tokens, context = (torch.from_numpy(it.astype(small)) for it in (parts[place], before))
    return TextItems(tokens, spec.window, context)
