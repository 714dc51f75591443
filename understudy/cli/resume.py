"""`understudy resume`."""

from typing import Annotated

import typer

from understudy.cli.arguments import RunPath
from understudy.cli.outcome import conclude


def resume(run: RunPath, quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False) -> int:
    """Go on with a run that was interrupted, killed or failed, as if it had never been."""
    from understudy.experiment import resume as resume_training
    from understudy.run import find_run

    found = find_run(run)
    if found.status == "finished":
        print(f"'{found.path}' is finished; nothing to do")
        return 0
    return conclude(resume_training(found.path, quiet=quiet))
