"""`understudy encode`."""

from pathlib import Path
from typing import Annotated

import typer

from understudy.cli.arguments import Data, RunPath


def encode(
    run: RunPath,
    data: Data = None,
    split: Annotated[
        str, typer.Option(help="train, validation, test; or all: every item in your files' order.")
    ] = "test",
    out: Annotated[Path, typer.Option(help="File to write, .npy: one row per item.")] = Path("codes.npy"),
) -> None:
    """Write the codes of a split's items as an array."""
    from understudy.cli.output import check, write
    from understudy.run import find_run
    from understudy.use import codes

    found = find_run(run)
    found.able("encode")
    if out.suffix != ".npy":
        from understudy.errors import OptionError

        raise OptionError(f"--out '{out}': codes are numbers; the name must end in .npy")
    write(check(out, found.spec), codes(found, data, split), columns=1)
