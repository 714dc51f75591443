"""`understudy sample`."""

from typing import Annotated

import typer

from understudy.cli.arguments import Count, Out, RunPath, Seed

Class = Annotated[str | None, typer.Option("--class", metavar="NAME", help="make items of this class alone")]


def sample(run: RunPath, count: Count = 16, class_: Class = None, out: Out = None, seed: Seed = 0) -> None:
    """Draw new items from a trained network."""
    from understudy.cli.output import check, default_name, write
    from understudy.run import find_run

    found = find_run(run)
    found.able("sample" if class_ is None else "sample by class")
    path = check(out or default_name("samples", found.spec), found.spec)
    write(path, found.sample(count, seed, class_), columns=max(1, round(count**0.5)))
