"""`understudy compare`."""

from pathlib import Path
from typing import Annotated

import typer


def compare(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Directories of runs, or names under ./runs.")],
    out: Annotated[Path, typer.Option(help="The page with curves and pictures.")] = Path("comparison.html"),
) -> None:
    """Put runs side by side: scores (mean and spread over seeds) and curves."""
    from understudy.comparison import compare as put_side_by_side
    from understudy.errors import OptionError
    from understudy.runs.listing import locate

    if not out.parent.is_dir():
        raise OptionError(f"--out '{out}': there is no folder '{out.parent}'")
    comparison = put_side_by_side([locate(run).path for run in runs])
    print(comparison)
    print(comparison.save(out))
