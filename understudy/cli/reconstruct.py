"""`understudy reconstruct`."""

from understudy.cli.arguments import Count, Data, Out, RunPath


def reconstruct(run: RunPath, data: Data = None, count: Count = 16, out: Out = None) -> None:
    """Copy held-out items: pictures above their copies, or the copies' numbers."""
    import numpy as np

    from understudy.cli.output import check, default_name, write
    from understudy.run import find_run
    from understudy.use import held_out

    found = find_run(run)
    found.able("reconstruct")
    path = check(out or default_name("reconstructions", found.spec), found.spec)
    items = held_out(found, data, count)
    copies = found.reconstruct(items)
    numbers = path.suffix.lower() == ".npy"
    write(path, copies if numbers else np.concatenate([found.spec.to_user(items.numpy()), copies]), columns=len(copies))
