"""`us.sweep`: every combination of options, over seeds, under one budget."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from understudy.errors import OptionError
from understudy.experiment import Source, asked_for
from understudy.runs.directory import RunDirectory
from understudy.runs.runfile import read_run_file, table
from understudy.runs.sweep import SweepDirectory
from understudy.settings import validated
from understudy.sweeps.options import SweepConfig, listed
from understudy.sweeps.plan import Options, Plan, check
from understudy.sweeps.record import place, refuse_another, trials_of
from understudy.sweeps.result import Sweep
from understudy.sweeps.search import optuna
from understudy.sweeps.search import search as go_on_searching
from understudy.sweeps.sitting import Sitting
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
        sitting = Sitting(directory, plan, checked, data, jobs, quiet)
        with sitting.noted():
            if plan.sweep.search and checked.criterion:
                found = spaces(plan.sweep.search)
                sitting.complete = go_on_searching(
                    found, plan.sweep.trials or 0, checked.criterion, before, sitting.trial
                )
            else:
                sitting.complete = all(row.over for row in sitting.settle(combinations))
    return Sweep(path)
