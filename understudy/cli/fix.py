"""`understudy fix`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from understudy.cli.arguments import RunPath

if TYPE_CHECKING:
    from understudy.cures.result import Fix


def fix(
    run: RunPath,
    finding: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Cure this finding alone; repeatable; default all.")
    ] = None,
    seeds: Annotated[int, typer.Option(help="Runs of each change.", min=2)] = 3,
    budget: Annotated[str | None, typer.Option(help="Of every trial: 2min, 500steps; default the run's own.")] = None,
    by: Annotated[str | None, typer.Option(help="Judge by this score, or loss, on the validation split.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where trials and the cured run go; default RUN-fix.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what came out as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
) -> int:
    """Try the remedies of a run's findings from the start, and keep the best that truly wins.

    A remedy wins where each of its seeds is better on validation data than every seed of the run as it was, and of a
    control change that should not help. The same command goes on where it was stopped.

    Exit code 0: cured, or nothing was found; 3: not cured.
    """
    from understudy.cures.fix import fix as run_fix

    found = run_fix(run, findings=finding, seeds=seeds, budget=budget, by=by, out=out, quiet=quiet)
    print(json.dumps(found.record, indent=2) if as_json else _text(found))
    return 0 if found.status in ("cured", "healthy") else 3


def _text(found: "Fix") -> str:
    lines = [str(found)] if str(found) else []
    if found.status == "healthy":
        lines.append(f"nothing was found in {found.record['run']}: there is nothing to cure")
    if found.record["trials"]:
        lines.append(f"trials  {found.path / 'fix.html'}")
    if (run := found.cured) is not None:
        lines.append(f"cured   {run.path}")
    return "\n".join(lines)
