"""`understudy report`."""

from understudy.cli.arguments import RunPath


def report(run: RunPath) -> None:
    """Write a run's report.html anew, and print its path."""
    from understudy.report.page import write_report
    from understudy.runs.listing import locate

    print(write_report(locate(run).path))
