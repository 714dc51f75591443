"""`understudy sample`."""

from pathlib import Path

from understudy.cli.arguments import Count, Out, RunPath, Seed


def sample(run: RunPath, count: Count = 16, out: Out = None, seed: Seed = 0) -> None:
    """Draw new items from a trained network."""
    from understudy.cli.output import check, write
    from understudy.run import find_run

    found = find_run(run)
    found.able("sample")
    path = check(out or Path("samples.png" if found.spec.kind == "image" else "samples.npy"), found.spec)
    write(path, found.sample(count, seed), columns=max(1, round(count**0.5)))
