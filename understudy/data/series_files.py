"""Tables of dates and values: CSV and TSV files, and the series that have a name."""

import csv
import io
import math
from pathlib import Path

import numpy as np

from understudy.data.dataset import Dataset
from understudy.data.dates import read_axis
from understudy.data.fit import Fit
from understudy.data.options import DataOptions
from understudy.data.places import folders
from understudy.data.series import Series
from understudy.data.series_splits import from_series
from understudy.data.text_files import read_text
from understudy.errors import DataError

NAMED = {"milk": "monthly-milk-production.csv", "airline": "airline-passengers.csv"}
MISSING = {"", "na", "nan", "n/a", "null", "none", "-", "?"}


def load_series_file(path: Path, options: DataOptions, fit: Fit | None = None) -> Dataset:
    """A table with a date column and one or more columns of values; the last horizon is held out.

    Raises:
        DataError: a date or value cannot be read or is missing, or there are too few rows.
    """
    return from_series(read_series(path, options.encoding), path.stem, options, fit)


def load_milk(options: DataOptions, fit: Fit | None = None) -> Dataset:
    """Monthly milk production in pounds per cow, 1962 to 1975."""
    return _named("milk", options, fit)


def load_airline(options: DataOptions, fit: Fit | None = None) -> Dataset:
    """Monthly airline passengers in thousands, 1949 to 1960 (Box and Jenkins, series G)."""
    return _named("airline", options, fit)


def _named(name: str, options: DataOptions, fit: Fit | None) -> Dataset:
    file = NAMED[name]
    found = [path for folder in folders("series") if (path := folder / file).is_file()]
    if not found:
        raise DataError(
            f"'{name}' is not here; put {file} into the folder series/ of $UNDERSTUDY_DATA, or pass a file of your own"
        )
    return from_series(read_series(found[0], "utf-8"), name, options, fit)


def read_series(path: Path, encoding: str) -> Series:
    """The table in a file.

    Raises:
        DataError: a cell cannot be read; the message names its row and column.
    """
    where = f"'{path.name}'"
    rows = _rows(read_text(path, encoding), path.suffix.lower() == ".tsv")
    if not rows:
        raise DataError(f"{where} is empty; give a column of dates and at least one of values")
    names, body = (rows[0][1:], rows[1:]) if _is_header(rows[0]) else ([], rows)
    width = len(rows[0])
    if width < 2:
        raise DataError(f"{where} has one column; give a column of dates and at least one of values")
    for number, row in enumerate(body, 1):
        if len(row) != width:
            raise DataError(f"{where}, row {number}: {len(row)} cells where the first line has {width}")
    titles = [name.strip() or f"value {number}" for number, name in enumerate(names or [""] * (width - 1), 1)]
    if len(set(titles)) < len(titles):
        raise DataError(f"{where} has two columns of one name: {', '.join(titles)}")
    axis, order = read_axis([row[0] for row in body], where)
    values = [
        [_number(cell, f"{where}, row {number}, column '{title}'") for title, cell in zip(titles, row[1:], strict=True)]
        for number, row in enumerate(body, 1)
    ]
    return Series(axis, tuple(titles), np.array(values, np.float64)[order].T.copy())


def _rows(text: str, tabs: bool) -> list[list[str]]:
    first = text.partition("\n")[0]
    mark = "\t" if tabs else max(",;\t", key=first.count)
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=mark) if any(cell.strip() for cell in row)]
    if mark == ";":  # where commas do not part cells, they stand before the tenths
        rows = [row[:1] + [cell.replace(",", ".") for cell in row[1:]] for row in rows]
    return rows


def _is_header(row: list[str]) -> bool:
    return not any(cell.strip()[:1].isdigit() for cell in row[:1]) and not any(
        _value(cell) is not None for cell in row[1:]
    )


def _value(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def is_value(cell: str) -> bool:
    """Whether a cell holds a number, or is left empty."""
    return cell.strip().lower() in MISSING or _value(cell) is not None


def _number(cell: str, where: str) -> float:
    if cell.strip().lower() in MISSING:
        raise DataError(f"{where}: the value is missing; fill it, or leave out what stands before it")
    value = _value(cell)
    if value is None:
        raise DataError(f"{where}: '{cell.strip()}' is no number")
    return value
