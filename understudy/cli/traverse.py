"""`understudy traverse`."""

from typing import Annotated

import typer

from understudy.cli.arguments import Data, Out, RunPath


def traverse(
    run: RunPath,
    data: Data = None,
    item: Annotated[int, typer.Option(help="Which held-out item to start from.", min=0)] = 0,
    dimensions: Annotated[
        int, typer.Option(help="How many numbers of the code, the most spread-out ones.", min=1)
    ] = 10,
    steps: Annotated[int, typer.Option(help="Pictures in a row.", min=2)] = 11,
    out: Out = None,
) -> None:
    """Change one number of an item's code at a time, and draw what it decodes to: a row for each number."""
    from understudy.cli.output import check, default_name, write
    from understudy.run import find_run
    from understudy.use import traversed

    found = find_run(run)
    path = check(out or default_name("traversal", found.spec), found.spec)
    write(path, traversed(found, data, item, dimensions, steps), columns=steps)
