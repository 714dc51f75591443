"""Columns of a table by their names."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from understudy.data.text_files import delimiter, read_text
from understudy.errors import DataError

_BIG_FIELD = 2**31 - 1  # csv's own limit is 128 kB, less than a long text


@dataclass(frozen=True)
class Columns:
    """What some columns hold.

    Attributes:
        cells: by the column's name, one for each row.
        where: the file and line of each row, for messages.
    """

    cells: dict[str, list[str]]
    where: list[str]


def read_columns(path: Path, encoding: str, needed: Sequence[str], other: Sequence[str] = ()) -> Columns:
    """Columns of a `.csv` or `.tsv` whose first row names them; capital letters do not count.

    Args:
        needed: columns that must be there.
        other: those that are read where they are; what has yet another name is passed over.

    Raises:
        DataError: a column is missing, or a line has more or fewer cells than the first.
    """
    text = read_text(path, encoding)
    csv.field_size_limit(_BIG_FIELD)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter(path, text), strict=True)
    try:
        found = [(rows.line_num, row) for row in rows if row]
    except csv.Error as error:
        raise DataError(f"cannot read '{path}', line {rows.line_num}: {error}") from None
    header = [name.strip().lower() for name in found[0][1]] if found else []
    if not set(needed) <= set(header):
        has = f"begins with {', '.join(header)}" if header else "is empty"
        raise DataError(f"'{path}' {has}; its first row must name the columns {' and '.join(needed)}")
    for line, row in found[1:]:
        if len(row) != len(header):
            raise DataError(f"'{path}', line {line}: {len(row)} columns where the header has {len(header)}")
    places = {name: header.index(name) for name in (*needed, *other) if name in header}
    return Columns(
        {name: [row[place] for _, row in found[1:]] for name, place in places.items()},
        [f"'{path}', line {line}" for line, _ in found[1:]],
    )
