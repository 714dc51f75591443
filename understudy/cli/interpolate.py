"""`understudy interpolate`."""

from typing import Annotated

import typer

from understudy.cli.arguments import Count, Data, Out, RunPath, Seed


def interpolate(
    run: RunPath,
    data: Data = None,
    count: Count = 6,
    steps: Annotated[int, typer.Option(help="Pictures from one end to the other.", min=2)] = 11,
    out: Out = None,
    seed: Seed = 0,
) -> None:
    """Draw what lies between held-out items, through their codes, or between noises: a row for each pair."""
    from understudy.cli.output import check, default_name, write
    from understudy.run import find_run
    from understudy.use import interpolated

    found = find_run(run)
    path = check(out or default_name("interpolation", found.spec), found.spec)
    write(path, interpolated(found, data, count, steps, seed), columns=steps)
