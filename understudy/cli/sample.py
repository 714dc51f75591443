"""`understudy sample`."""

from understudy.cli.arguments import Count, Out, RunPath, Seed


def sample(run: RunPath, count: Count = 16, out: Out = None, seed: Seed = 0) -> None:
    """Draw new items from a trained network."""
    from understudy.cli.output import check, default_name, write
    from understudy.run import find_run

    found = find_run(run)
    found.able("sample")
    path = check(out or default_name("samples", found.spec), found.spec)
    write(path, found.sample(count, seed), columns=max(1, round(count**0.5)))
