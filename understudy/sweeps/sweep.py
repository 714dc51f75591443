"""`us.sweep`: every combination of options, over seeds, under one budget."""

import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from understudy.errors import OptionError, UnderstudyError
from understudy.experiment import Source, asked_for
from understudy.report.sweep import write_sweep
from understudy.runs.directory import RunDirectory
from understudy.runs.runfile import read_run_file, table
from understudy.runs.sweep import SETTLED, Cell, Outcome, Row, SweepDirectory, folder_name, rows_of
from understudy.settings import validated
from understudy.sweeps.cell import needs_judging, settle
from understudy.sweeps.options import SweepConfig, listed
from understudy.sweeps.plan import Checked, Options, Plan, check
from understudy.sweeps.processes import in_processes
from understudy.sweeps.progress import Progress
from understudy.sweeps.record import place, record_of, refuse_another, trials_of
from understudy.sweeps.result import Sweep
from understudy.sweeps.search import optuna
from understudy.sweeps.search import search as go_on_searching
from understudy.sweeps.spaces import spaces


def sweep(
    network: str | None = None,
    data: Source | None = None,
    *,
    vary: Mapping[str, Sequence[Any]] | None = None,
    search: Mapping[str, str | Sequence[Any]] | None = None,
    trials: int | None = None,
    seeds: int | None = None,
    budget: str | None = None,
    by: str | None = None,
    unequal: bool | None = None,
    out: str | Path | None = None,
    config: str | Path | Mapping[str, Any] | None = None,
    jobs: int = 1,
    quiet: bool = False,
    settings: Mapping[str, Any] | None = None,
    **options: Any,
) -> Sweep:
    """Train every combination of options with every seed under one budget, and rank them on validation data.

    Every cell is resolved before any is trained. Each is a run directory of its own; a cell that is done is not done
    again, so that the same request goes on where it was stopped. A cell that diverges is a row that says so.

    Args:
        network: as of `train`; or vary `network`.
        vary: option -> the values that it takes in turn.
        search: option -> where to search in place of vary: `low..high`, `low..high:log`, or choices; needs the extra
            `sweeps`.
        trials: combinations that a search tries.
        seeds: runs of each combination, with seeds 0, 1, ...; 1 unless given.
        budget: of every run, such as `2min`, `500steps` or `3epochs`; unset: as the run file or the network has it.
        by: what is ranked by, on the validation split: `loss`, or a score's name; unset: the loss, if there is one.
        unequal: allow combinations with different budgets.
        out: the sweep's directory; unset: one under `runs/` that follows from the request.
        config: a TOML run file, or the same as a mapping; its table `sweep` may have all of these but out.
        jobs: cells at a time, each in a process of its own with its share of the threads.
        settings, options: options that all cells share.

    Returns:
        The sweep; `print` shows its table.

    Raises:
        RequestError: some cell could not be trained as asked, or the directory has another sweep; nothing was trained.

    Example:
        >>> sweep("vae", "digits", vary={"learning_rate": [1e-2, 1e-3]}, seeds=3, budget="500steps")  # doctest: +SKIP
    """
    file = dict(read_run_file(Path(config)) if isinstance(config, str | Path) else config or {})
    axes = {"vary": listed(vary or {}) or None, "search": listed(search or {}, spaced=True) or None, "trials": trials}
    given = {**axes, "seeds": seeds, "budget": budget, "by": by, "unequal": unequal}
    told = {**table(file, "sweep"), **{key: value for key, value in given.items() if value is not None}}
    file.pop("sweep", None)
    plan = _planned(network, data, file, {**(settings or {}), **options}, validated(SweepConfig, told, "sweep options"))
    return _carry_out(plan, None if out is None else Path(out), _arrays(data), jobs, quiet)


def resume_sweep(path: str | Path, *, data: Source | None = None, jobs: int = 1, quiet: bool = False) -> Sweep:
    """Go on with a sweep that was stopped, from its directory.

    Args:
        data: only for a sweep on arrays: the same arrays.

    Raises:
        RunError: no sweep is there, or its data changed.
    """
    plan = Plan.from_json(SweepDirectory(Path(path)).read()["plan"])
    return _carry_out(plan, Path(path), data, jobs, quiet)


def _arrays(data: Source | None) -> Source | None:
    return None if isinstance(data, str | Path) else data


def _planned(
    network: str | None, data: Source | None, file: dict[str, Any], settings: Options, config: SweepConfig
) -> Plan:
    if "network" in config.vary:
        if network is not None:
            raise OptionError(f"the network is both '{network}' and varied; leave out one of them")
        whole = [asked_for(name, None)["network"] for name in config.vary["network"]]
        config = replace(config, vary={**config.vary, "network": whole})
    asked = asked_for(network, data, file)
    asked.pop("seed", None)
    plan = Plan(asked, settings, config)
    labels = plan.file(next(plan.combinations())).data.labels
    if labels is not None:  # a whole path, so that the sweep can be gone on with from anywhere
        kept = {key: value for key, value in settings.items() if key not in ("labels", "data.labels")}
        plan = replace(plan, settings={**kept, "data.labels": labels})
    return plan


def _carry_out(plan: Plan, path: Path | None, data: Source | None, jobs: int, quiet: bool) -> Sweep:
    if jobs < 1:
        raise OptionError(f"jobs is 1 or more, got {jobs}")
    if jobs > 1 and data is not None:
        raise OptionError("jobs share no arrays; save them to a .npz file, or leave jobs at 1")
    combinations = list(plan.combinations())
    checked = check(plan, combinations, data)
    if plan.sweep.search:
        optuna()
        if checked.criterion is None:
            raise OptionError(f"nothing to search by: {checked.note}")
    if path is None:
        path = place(plan, plan.file(combinations[0]).network, checked.data)
    directory = SweepDirectory(path)
    refuse_another(directory, plan, checked, combinations)
    before = trials_of(directory)
    path.mkdir(parents=True, exist_ok=True)
    with RunDirectory(path).locked():
        sitting = _Sitting(directory, plan, checked, data, jobs, quiet)
        with sitting.noted():
            if plan.sweep.search and checked.criterion:
                found = spaces(plan.sweep.search)
                sitting.complete = go_on_searching(
                    found, plan.sweep.trials or 0, checked.criterion, before, sitting.trial
                )
            else:
                sitting.complete = all(row.over for row in sitting.settle(combinations))
    return Sweep(path)


class _Sitting:
    """One sitting at a sweep: some of its cells are trained, and the record is kept up to date."""

    def __init__(
        self, directory: SweepDirectory, plan: Plan, checked: Checked, data: Source | None, jobs: int, quiet: bool
    ) -> None:
        self.directory, self.plan, self.checked = directory, plan, checked
        self.data, self.jobs, self.quiet = data, jobs, quiet
        self.combinations: list[Options] = []
        self.seen: set[str] = set()
        self.complete = False
        total = (plan.sweep.trials or len(list(plan.combinations()))) * plan.sweep.seeds
        name = f"validation {checked.criterion.name}" if checked.criterion else ""
        self.progress = Progress(total, name, quiet)

    @contextmanager
    def noted(self) -> Iterator[None]:
        """However the block ends, the record says where the sweep stands."""
        try:
            yield
        finally:
            self._note("finished" if self.complete else "interrupted")
            write_sweep(self.directory.path)

    def trial(self, combinations: Sequence[Options]) -> list[Row]:
        """As `settle`, of combinations that were not all known at the beginning."""
        if not (self.directory.path / folder_name(combinations[-1])).exists():
            check(self.plan, [combinations[-1]], self.data)
        return self.settle(combinations)

    def settle(self, combinations: Sequence[Options]) -> list[Row]:
        """Train and judge what is not; returns the rows, ranked."""
        self.combinations = list(combinations)
        outcomes = _outcomes(self._note("running"))
        cells = [Cell(options, seed) for options in combinations for seed in range(self.plan.sweep.seeds)]
        fresh = [cell for cell in cells if cell.folder not in self.seen]
        self.seen |= {cell.folder for cell in fresh}
        open_ = [cell for cell in fresh if self._open(cell, outcomes[cell.folder])]
        self.progress.skip(len(fresh) - len(open_))
        for cell in self._settled(open_):
            found = _outcomes(self._note("running"))[cell.folder]
            self.progress.end(cell, found)
            self._demand_value(found)
        return self._note("running")

    def _note(self, status: str) -> list[Row]:
        seeds = range(self.plan.sweep.seeds)
        rows = rows_of(self.directory.path, self.combinations, seeds, self.checked.criterion)
        self.directory.write(record_of(self.plan, self.checked, self.combinations, rows, status))
        return rows

    def _open(self, cell: Cell, found: Outcome) -> bool:
        run = RunDirectory(self.directory.path / cell.folder)
        judging = found.status == "finished" and needs_judging(run, self.checked.criterion)
        return found.status not in SETTLED or judging

    def _settled(self, cells: Sequence[Cell]) -> Iterator[Cell]:
        if self.jobs > 1:
            return in_processes(self.directory.path, cells, self.jobs)
        return _in_turn(self.directory.path, cells, self._settle, self.progress)

    def _settle(self, cell: Cell) -> None:
        settle(self.directory.path, self.plan, cell, self.checked.criterion, self.data, self.quiet)

    def _demand_value(self, found: Outcome) -> None:
        """A cell that is done without a value shows that there is no such score."""
        criterion = self.checked.criterion
        if criterion and found.status == "finished" and found.criterion is None:
            known = ", ".join(sorted(found.scores)) or "none"
            raise OptionError(
                f"no run has a {criterion.name} to rank by; its scores are: {known}. Use --by with another"
            )


def _outcomes(rows: Sequence[Row]) -> dict[str, Outcome]:
    return {found.folder: found for row in rows for found in row.outcomes}


def _in_turn(
    directory: Path, cells: Sequence[Cell], settle_: Callable[[Cell], None], progress: Progress
) -> Iterator[Cell]:
    """Settle cells one after the other. One that fails is left behind, and told; Ctrl-C ends the sitting."""
    for cell in cells:
        progress.begin(cell)
        try:
            settle_(cell)
        except KeyboardInterrupt:
            return
        except UnderstudyError as error:
            print(f"error: {cell}: {error}", file=sys.stderr)
        except Exception:  # whatever went wrong in this cell, its record has it, and the others can still be trained
            traceback.print_exc()
        yield cell
        run = RunDirectory(directory / cell.folder)
        if run.record.is_file() and run.read()["status"] == "interrupted":
            return
