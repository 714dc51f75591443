"""`understudy report`."""

from understudy.cli.arguments import RunPath


def report(run: RunPath) -> None:
    """Write a run's report.html anew, or a sweep's sweep.html, and print its path."""
    from understudy.report.page import write_report
    from understudy.report.sweep import write_sweep
    from understudy.runs.listing import locate
    from understudy.runs.sweep import find_sweep

    sweep = find_sweep(run)
    print(write_report(locate(run).path) if sweep is None else write_sweep(sweep))
