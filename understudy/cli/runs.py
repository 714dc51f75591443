"""`understudy runs`."""

from pathlib import Path
from typing import Annotated

import typer


def runs(root: Annotated[Path, typer.Option(help="Where to look.")] = Path("runs")) -> None:
    """List the runs under a directory."""
    from rich.table import Table

    from understudy.cli.console import console
    from understudy.runs.listing import listing

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("run", "network", "data", "seed", "status", "steps", "held-out score"):
        table.add_column(title, no_wrap=True, justify="right" if title in ("seed", "steps") else "left")
    for line in listing(root):
        score = f"{line.score[0]} {line.score[1]:.4g}" if line.score else ""
        cells = (line.network, line.data, str(line.seed), line.status, f"{line.steps:,}", score)
        table.add_row(str(line.path), *cells)
    console().print(table)
