"""`understudy sweep`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from understudy.cli.arguments import Data, Settings
from understudy.models import TABLE

if TYPE_CHECKING:
    from understudy.sweeps.result import Sweep

Vary = Annotated[
    list[str] | None,
    typer.Option(metavar="KEY=A,B,...", help="An option and its values; repeatable: all combinations are trained."),
]
Search = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY=SPACE", help="In place of --vary: low..high, low..high:log, or choices a,b,c; repeatable."
    ),
]


def sweep(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help=f"A network: {', '.join(TABLE)}; or your own, path.py:Class."),
    ] = None,
    data: Data = None,
    vary: Vary = None,
    search: Search = None,
    trials: Annotated[int | None, typer.Option(help="Combinations that --search tries.")] = None,
    seeds: Annotated[int | None, typer.Option(help="Runs of each combination; default 1.")] = None,
    budget: Annotated[str | None, typer.Option(help="Of every run: 2min, 500steps, 3epochs.")] = None,
    by: Annotated[
        str | None, typer.Option(help="Rank by this on the validation split: a score; default the loss.")
    ] = None,
    unequal: Annotated[bool, typer.Option("--unequal", help="Allow different budgets.")] = False,
    settings: Settings = None,
    config: Annotated[
        Path | None, typer.Option(help="A TOML run file with a [sweep] table; the other options win over it.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The sweep's directory; default one in ./runs that follows from the request.")
    ] = None,
    jobs: Annotated[int, typer.Option(help="Runs at a time, which share the threads.")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
) -> int:
    """Train all combinations of options over seeds under one budget, ranked on validation data.

    understudy sweep vae --data digits --vary learning_rate=1e-2,1e-3 --vary optimizer=adam,adamax --seeds 3 --budget
    500steps

    understudy sweep vae --data digits --search learning_rate=1e-5..1e-1:log --trials 20 --budget 500steps

    The same command goes on where it was stopped.
    """
    from understudy.settings import assignments
    from understudy.sweeps.options import axes, values
    from understudy.sweeps.sweep import sweep as run_sweep

    found = run_sweep(
        name,
        data,
        vary={key: values(text) for key, text in axes(vary or [], "--vary").items()},
        search=axes(search or [], "--search"),
        trials=trials,
        seeds=seeds,
        budget=budget,
        by=by,
        unequal=unequal or None,
        settings=assignments(settings or []),
        config=config,
        out=out,
        jobs=jobs,
        quiet=quiet,
    )
    return conclude(found)


def conclude(found: "Sweep") -> int:
    """Print the table and what to do next; returns the exit code: 1 where a run failed, a divergence being a result."""
    print(found)
    print(f"sweep   {found.path}")
    print(f"page    {found.path / 'sweep.html'}")
    if found.status != "finished":
        print(f"{found.status}; go on with `understudy resume {found.path}`")
    return int(any(outcome.status == "failed" for row in found.rows for outcome in row.outcomes))
