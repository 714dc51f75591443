"""`understudy gradient-flow`."""

import sys
from typing import Annotated, Any

import typer

from understudy.cli.arguments import Data, RunPath


def gradient_flow(
    run: RunPath,
    data: Data = None,
    steps: Annotated[int, typer.Option(help="The most steps to follow the gradient back.", min=1)] = 100,
    items: Annotated[
        int | None,
        typer.Option(help="Held-out items to follow it on; unset: 4, or 1 for layers above 256 units.", min=1),
    ] = None,
) -> None:
    """Measure how far back a recurrent network's gradient reaches: trained, untrained, and by theory.

    The norm of d state(m + k) / d state(m) on held-out items, drawn in the run's report.
    """
    from understudy.evaluation.gradient_flow import horizons, norms_table
    from understudy.run import find_run
    from understudy.use import gradient_flow_of, keep_gradient_flow

    found = find_run(run)
    found.able("remember")
    print("following the gradient back; layers of hundreds of units take minutes", file=sys.stderr, flush=True)
    flows = gradient_flow_of(found, data, steps, items)
    for layer in flows["trained"]:
        _print(f"{layer}: norm of d state(m + k) / d state(m)", norms_table(flows, layer))
    _print("memory horizon: steps until the median norm is", horizons(flows))
    keep_gradient_flow(found, flows)
    print(f"report  {found.report()}")


def _print(title: str, plot: dict[str, Any]) -> None:
    from rich.table import Table

    from understudy.cli.console import console

    table = Table(box=None, pad_edge=False, header_style="bold", title=title, title_justify="left", title_style="")
    for name in plot["columns"]:
        table.add_column(name, justify="right")
    for row in plot["rows"]:
        table.add_row(*(f"{value:.3g}" if isinstance(value, float) else str(value) for value in row))
    console().print(table)
    print()
