"""Tables with a header: which columns they have says what they are."""

import csv
from collections.abc import Callable
from pathlib import Path

from understudy.data.dataset import Dataset
from understudy.data.fit import Fit
from understudy.data.labelled_files import LABELLED_COLUMNS, load_labelled_table
from understudy.data.options import DataOptions
from understudy.data.text_files import read_text
from understudy.errors import DataError

DELIMITERS = {".csv": ",", ".tsv": "\t"}

# The columns that a kind of table has, among others; the first kind whose columns are all there reads it.
TABLES: tuple[tuple[frozenset[str], Callable[..., Dataset]], ...] = ((LABELLED_COLUMNS, load_labelled_table),)


def load_table(path: Path, options: DataOptions, fit: Fit | None = None) -> Dataset:
    """A `.csv` or `.tsv`, read by what its header says it is.

    Raises:
        DataError: no kind of table has such columns.
    """
    first = read_text(path, options.encoding).partition("\n")[0]
    row = next(csv.reader([first], delimiter=DELIMITERS[path.suffix.lower()]), [])
    header = {name.strip().lower() for name in row}
    for columns, load in TABLES:
        if columns <= header:
            return load(path, options, fit)
    accepted = " or ".join(" and ".join(sorted(columns, reverse=True)) for columns, _ in TABLES)
    raise DataError(f"'{path}' has the columns {', '.join(row) or 'of an empty file'}; accepted: {accepted}")
