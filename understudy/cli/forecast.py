"""`understudy forecast`."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from understudy.cli.arguments import Data, RunPath

if TYPE_CHECKING:
    from understudy.decoding.forecasting import Forecast


def forecast(
    run: RunPath,
    data: Data = None,
    horizon: Annotated[int | None, typer.Option(help="Steps; unset: as many as the network learnt.", min=1)] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write: .csv or .json: the numbers; .svg: the picture.")
    ] = None,
) -> None:
    """What comes after the last value of a run's series, or of others: a table, beside the last season again.

    understudy forecast runs/forecaster-milk-1

    understudy forecast runs/forecaster-milk-1 --data sales.csv --horizon 24 --out forecast.svg
    """
    from understudy.run import find_run

    path = _checked(out)
    found = find_run(run)
    said = found.forecast(data, horizon)
    if path is None:
        _print(said)
    else:
        WRITERS[path.suffix](path, said)
        print(path)


def _checked(path: Path | None) -> Path | None:
    from understudy.errors import OptionError

    if path is not None and path.suffix not in WRITERS:
        why = "; a picture is written as .svg, which browsers show" if path.suffix in PICTURES else ""
        raise OptionError(f"--out '{path}': the name must end in {', '.join(WRITERS)}{why}")
    if path is not None and not path.parent.is_dir():
        raise OptionError(f"--out '{path}': there is no folder '{path.parent}'")
    return path


def _titles(said: "Forecast") -> list[str]:
    ends = [f"{end} {level:.0%}" for level in said.levels for end in ("low", "high")]
    return ["date", "series", "forecast", *ends, "seasonal naive"]


def _rows(said: "Forecast") -> list[list[str | float]]:
    """A row for each series and step."""
    return [
        [
            date,
            name,
            float(said.values[place, step]),
            *(float(ends[level, place, step]) for level in range(len(said.levels)) for ends in (said.low, said.high)),
            float(said.seasonal_naive[place, step]),
        ]
        for place, name in enumerate(said.names)
        for step, date in enumerate(said.dates)
    ]


def _print(said: "Forecast") -> None:
    from rich.table import Table

    from understudy.cli.console import console

    one = len(said.names) == 1
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, title in enumerate(_titles(said)):
        if title != "series" or not one:
            table.add_column(title, justify="left" if number < 2 else "right", no_wrap=True)
    for row in _rows(said):
        cells = [cell if isinstance(cell, str) else _cell(cell) for cell in row]
        table.add_row(*(cells[:1] + cells[2:] if one else cells))
    console().print(table)
    if not all(math.isfinite(end) for end in said.high.flat):
        print("-: no interval; it is measured on validation origins, and not beyond the horizon that was learnt")


def _cell(value: float) -> str:
    return f"{value:,.5g}" if math.isfinite(value) else "-"


def _write_csv(path: Path, said: "Forecast") -> None:
    """A table with a point before the tenths; a cell is empty where there is no interval."""
    import csv
    import io

    from understudy.files import write_text

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_titles(said))
    for row in _rows(said):
        writer.writerow(["" if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in row])
    write_text(path, text.getvalue())


def _write_json(path: Path, said: "Forecast") -> None:
    """The table's rows as objects; null where there is no interval."""
    from understudy.files import write_json

    rows = [
        [None if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in row] for row in _rows(said)
    ]
    write_json(path, [dict(zip(_titles(said), row, strict=True)) for row in rows])


def _draw(path: Path, said: "Forecast") -> None:
    from understudy.evaluation.forecasting import forecast_lines
    from understudy.files import write_text
    from understudy.report.picture import lines_file

    write_text(path, lines_file([(name, forecast_lines(said, place)) for place, name in enumerate(said.names)]))


WRITERS = {".csv": _write_csv, ".json": _write_json, ".svg": _draw}
PICTURES = (".png", ".jpg", ".jpeg", ".pdf", ".gif")
