"""`us.fix`: each finding's remedies tried from the start under the same budget, and kept only where they win."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from understudy.cures.criterion import score_of
from understudy.cures.result import Fix
from understudy.cures.trial import trials_for
from understudy.cures.work import Work
from understudy.doctor import rules
from understudy.doctor.finding import Finding
from understudy.doctor.stored import gathered, verdict_of
from understudy.errors import OptionError, UnknownName
from understudy.experiment import Source
from understudy.run import Run, find_run
from understudy.runs.runfile import RunFile, resolve
from understudy.settings import validated
from understudy.sweeps.options import SweepConfig
from understudy.sweeps.plan import Plan


def fix(
    run: str | Path | Run,
    *,
    findings: Sequence[str] | None = None,
    seeds: int = 3,
    budget: str | None = None,
    by: str | None = None,
    data: Source | None = None,
    out: str | Path | None = None,
    quiet: bool = False,
) -> Fix:
    """Try the remedies of a run's findings, each from the start and by itself, and keep the best of those that win.

    A remedy wins where each of its seeds is better than every seed of the run as it was, and than every seed of a
    control change that should not help: by more than they are spread. It is judged on the validation split. One that
    has lost a seed is not tried on. What was done before is not done again, so that the same request goes on where it
    was stopped.

    Args:
        run: its directory, or its name under `./runs`.
        findings: ids of those to cure; unset: all.
        seeds: runs of each change, at least 2; the first has the run's own seed.
        budget: of every run, such as `500steps`; unset: the run's own.
        by: what is judged by: `loss`, or a score's name; unset: a score that remedies cannot change the meaning of.
        data: only for a run that was trained on arrays: the same arrays.
        out: where the trials and the cured run are kept; unset: `RUN-fix`.

    Returns:
        What was tried and what came out; `print` shows its table, `cured` is the new run, if a remedy won.

    Raises:
        RunError: no such run, its data changed, or the directory has something else.
        RequestError: what was asked for cannot be done; nothing was trained.

    Example:
        >>> fix("runs/vae-digits-1").cured  # doctest: +SKIP
    """
    if seeds < 2:
        raise OptionError(f"seeds={seeds}: with fewer than 2 nothing is known of the spread")
    sick = run if isinstance(run, Run) else find_run(run)
    found = _chosen(verdict_of(sick.path).findings, findings or [])
    file = resolve(sick.record["config"], {})
    asked = {key: value for key, value in sick.record["config"].items() if key != "seed"}
    judged_by = by or score_of(file.network, sick.spec)
    options = {"seeds": seeds, "budget": budget or _in_steps(sick, file), "by": judged_by}
    plan = Plan(asked, {}, validated(SweepConfig, options, "fix options"))
    place = Path(out) if out is not None else sick.path.with_name(f"{sick.path.name}-fix")
    work = Work(sick, found, plan, place, data=data, full=budget is None, quiet=quiet)
    chosen = replace(file.training, precision=sick.record["precision"])  # what auto came to
    return work.carry_out(trials_for(found, replace(file, training=chosen), seeds))


def _chosen(findings: Sequence[Finding], wanted: Sequence[str]) -> list[Finding]:
    for id_ in wanted:
        rules.one(id_)
        if id_ not in (there := [finding.id for finding in findings]):
            raise UnknownName("finding of this run", id_, there)
    return [finding for finding in findings if not wanted or finding.id in wanted]


def _in_steps(sick: Run, file: RunFile) -> str | None:
    """The run's budget; epochs as steps, so that a change of the batch is none of the budget."""
    steps = gathered(sick.path)[1].steps
    return f"{steps}steps" if steps and file.training.minutes is None else None
