"""Tables: what their first rows hold says what they are."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

from understudy.data.dataset import Dataset
from understudy.data.dates import is_date
from understudy.data.fit import Fit
from understudy.data.labelled_files import LABELLED_COLUMNS, load_labelled_table
from understudy.data.options import DataOptions
from understudy.data.pair_files import load_pair_file
from understudy.data.series_files import is_value, load_series_file
from understudy.data.text_files import delimiter, read_text
from understudy.errors import DataError

Rows = Sequence[Sequence[str]]
LOOKED_AT = 20
"""Rows that decide."""


def _labelled(rows: Rows) -> bool:
    """Columns that are called text and label."""
    return {cell.strip().lower() for cell in rows[0]} >= set(LABELLED_COLUMNS)


def _series(rows: Rows) -> bool:
    """After the first row mostly a date, and then nothing but numbers."""
    found = [len(row) > 1 and is_date(row[0]) and all(map(is_value, row[1:])) for row in rows[1:]]
    return 2 * sum(found) > len(found)


def _pairs(rows: Rows) -> bool:
    """Two columns in the first row; one that has others is named when it is read."""
    return len(rows[0]) == 2


# The first kind that a table is reads it.
TABLES: tuple[tuple[Callable[[Rows], bool], Callable[..., Dataset]], ...] = (
    (_labelled, load_labelled_table),
    (_series, load_series_file),
    (_pairs, load_pair_file),
)


def load_table(path: Path, options: DataOptions, fit: Fit | None = None) -> Dataset:
    """A `.csv` or `.tsv` of labelled texts, of series, or of pairs.

    Raises:
        DataError: it is none of these, or empty.
    """
    lines = [line for line in read_text(path, options.encoding).split("\n") if line.strip()][:LOOKED_AT]
    text = "\n".join(lines)
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter(path, text)))
    for fits, load in TABLES:
        if rows and fits(rows):
            return load(path, options, fit)
    first = f"begins with {', '.join(rows[0])}" if rows else "is empty"
    raise DataError(
        f"'{path}' {first}; accepted: columns called text and label; a column of dates and others of numbers; two "
        "columns, what is read and what is to be written"
    )
