"""What came out of a fix: the findings, what was tried, and the cured run."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from understudy.errors import RunError
from understudy.files import read_json
from understudy.report.fix import fix_html
from understudy.report.fix_table import Line, footnotes, lines_of, unhelped
from understudy.run import Run

NAME = "fix.json"


class Fix:
    """A fix as its record has it.

    Attributes:
        path: where its trials are; nothing is there if nothing was tried.
        record: as in fix.json.
    """

    def __init__(self, path: str | Path, record: Mapping[str, Any] | None = None) -> None:
        self.path = Path(path)
        self.record = dict(record) if record is not None else _read(self.path / NAME)

    @property
    def status(self) -> str:
        """healthy, not curable, running, interrupted, cured, or not cured."""
        return str(self.record["status"])

    @property
    def cured(self) -> Run | None:
        """The new run, with the remedy that won."""
        kept = self.record["cured"]
        return None if kept is None else Run(self.path / kept["folder"])

    def __str__(self) -> str:
        lines = lines_of(self.record)
        text = io.StringIO()
        if lines:
            table = Table(box=None, pad_edge=False, header_style="bold")
            for name in Line.HEAD:
                table.add_column(name, justify="left", no_wrap=True)
            table.add_column(f"{self.record['criterion']['name']} (validation)", justify="right", no_wrap=True)
            table.add_column("verdict", no_wrap=True)
            for line in lines:
                table.add_row(*line.cells)
            Console(file=text, highlight=False, width=240).print(table)
        rows = [row.rstrip() for row in text.getvalue().splitlines()]
        return "\n".join([*rows, *([""] if rows else []), *footnotes(self.record), *unhelped(self.record)])

    def __repr__(self) -> str:
        return f"<Fix {self.path}: {self.status}>"

    def _repr_html_(self) -> str:
        return fix_html(self.path, self.record)


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(read_json(path))
    except FileNotFoundError:
        raise RunError(f"'{path.parent}' has no {path.name}: `understudy fix RUN` makes one") from None
    except (OSError, ValueError) as error:
        raise RunError(f"cannot read {path}: {error}") from None
