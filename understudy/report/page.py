"""The report of one run."""

import shlex
from pathlib import Path

from understudy.files import write_text
from understudy.report.charts import chart_html
from understudy.report.curves import run_charts
from understudy.report.document import document, section, toolbar
from understudy.report.figures import figures_html
from understudy.report.findings import findings_html, pins
from understudy.report.markup import Html, tag
from understudy.report.overview import overview_html
from understudy.report.reading import RunFiles, read_run
from understudy.report.scoreboard import scores_html
from understudy.report.settings import command_html, settings_html


def write_report(run_directory: Path) -> Path:
    """Write `report.html` into a run directory and return its path.

    The page is one file: it loads nothing and works from disk.

    Raises:
        RunError: there is no run, or one of its files cannot be read.

    Example:
        >>> write_report(Path("runs/vae-mnist-1"))  # doctest: +SKIP
        PosixPath('runs/vae-mnist-1/report.html')
    """
    path = run_directory / "report.html"
    write_text(path, report_html(read_run(run_directory)))
    return path


def report_html(run: RunFiles) -> str:
    """The whole page."""
    return document(
        f"{run.name} - Understudy",
        overview_html(run),
        section("Scores", _scores(run)),
        section("Findings", findings_html(run.findings, run.directory)) if run.findings is not None else None,
        section("Curves", *_curves(run)),
        section("Figures", figures_html(run.directory, run.figures)) if run.figures else None,
        section("Settings", settings_html(run)),
    )


def _scores(run: RunFiles) -> Html:
    if run.scores is not None:
        return scores_html(run.scores)
    if run.status == "running":
        return tag("p", "Not scored yet: scores come when training ends.", class_="quiet")
    if run.status == "diverged":
        return tag("p", "Not scored: it diverged.", class_="quiet")
    command = command_html(f"understudy evaluate {shlex.quote(str(run.directory))}")
    return tag("div", tag("p", "Not scored yet. To score it:", class_="quiet"), command)


def _curves(run: RunFiles) -> tuple[Html | None, ...]:
    charts = [chart_html(chart) for chart in run_charts(run.history, pins(run.findings or []))]
    if not charts:
        return (tag("p", "No training step has been recorded.", class_="quiet"),)
    skipped = run.history.skipped
    note = f"Lines of events.jsonl that could not be read and are left out: {skipped}." if skipped else None
    return toolbar(), tag("div", *charts, class_="charts"), tag("p", note, class_="quiet") if note else None
