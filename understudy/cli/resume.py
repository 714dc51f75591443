"""`understudy resume`."""

from typing import Annotated

import typer

from understudy.cli.arguments import RunPath
from understudy.cli.outcome import conclude


def resume(
    run: RunPath,
    device: Annotated[
        str | None, typer.Option(help="Go on elsewhere: auto, cpu, cuda, mps; unset: where it was.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
) -> int:
    """Go on with a run, or a sweep of runs, that was interrupted, killed or failed, as if it had never been."""
    from understudy.cli.sweep import conclude as conclude_sweep
    from understudy.errors import OptionError
    from understudy.experiment import resume as resume_training
    from understudy.run import find_run
    from understudy.runs.sweep import find_sweep
    from understudy.sweeps.sweep import resume_sweep

    if (sweep := find_sweep(run)) is not None:
        if device is not None:
            raise OptionError(f"'{run}' is a sweep, which goes on where it was; leave out --device")
        return conclude_sweep(resume_sweep(sweep, quiet=quiet))
    found = find_run(run)
    if found.status == "finished":
        print(f"'{found.path}' is finished; nothing to do")
        return 0
    return conclude(resume_training(found.path, device=device, quiet=quiet))
