"""Runs beside each other: seeds of one setting are a group, with mean and spread."""

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from understudy.errors import RunError
from understudy.runs.directory import RunDirectory
from understudy.training.config import BUDGETS


class Spread(NamedTuple):
    """A score over the seeds of a group; the sample standard deviation of a single run is NaN."""

    mean: float
    deviation: float
    seeds: int


@dataclass(frozen=True)
class Group:
    """Runs that differ in nothing but their seed.

    Attributes:
        label: what sets this group apart from the others.
        directories: its runs; the first one lends its figures.
        fingerprint: of their data.
        budget: epochs, steps or minutes that each was given.
    """

    label: str
    directories: list[Path]
    scores: dict[str, Spread]
    fingerprint: str = ""
    budget: dict[str, float] = field(default_factory=dict)

    @property
    def scored(self) -> int:
        """Runs that have scores: a run that diverged has none."""
        return max((spread.seeds for spread in self.scores.values()), default=0)


def compare(runs: Sequence[RunDirectory]) -> list[Group]:
    """Group runs by what was asked for, seeds apart, in the order in which they were given.

    Raises:
        RunError: fewer than one run, or a path that is no run.
    """
    if not runs:
        raise RunError("name at least one run to compare; `understudy runs` lists them")
    gathered: dict[tuple[str, str], list[RunDirectory]] = {}
    for run in {run.path.resolve(): run for run in runs}.values():  # a run given twice is no second seed
        record = run.read()
        key = (json.dumps(_asked(record), sort_keys=True), record["data"]["fingerprint"])
        gathered.setdefault(key, []).append(run)
    configs = [json.loads(asked) for asked, _ in gathered]
    return [
        Group(
            label,
            [member.path for member in members],
            spreads([member.scores for member in members]),
            fingerprint,
            {name: value for name in BUDGETS if (value := config["training"].get(name)) is not None},
        )
        for label, config, ((_, fingerprint), members) in zip(_labels(configs), configs, gathered.items(), strict=True)
    ]


def _asked(record: dict[str, Any]) -> dict[str, Any]:
    """What was asked for, the seed apart; arrays, which have no name, go by their hash."""
    config = {key: value for key, value in record["config"].items() if key != "seed"}
    if config["data"].get("source") is None:
        config["data"] = {**config["data"], "source": f"arrays {record['data']['fingerprint'][:8]}"}
    return config


def spreads(tables: Sequence[Mapping[str, float]]) -> dict[str, Spread]:
    """Mean and spread of each score over the tables that have it."""
    names = dict.fromkeys(name for table in tables for name in table)
    found = {name: spread([table[name] for table in tables if name in table]) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def spread(values: Sequence[float]) -> Spread | None:
    """Mean and sample deviation; None of no values."""
    if not values:
        return None
    return Spread(statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else math.nan, len(values))


def _labels(configs: Sequence[dict[str, Any]]) -> list[str]:
    """The network's name and the options in which it differs from the other groups."""
    flat = [_flat(config) for config in configs]
    keys = dict.fromkeys(key for config in flat for key in config)
    telling = [key for key in keys if key != "network" and len({str(config.get(key)) for config in flat}) > 1]
    labels = []
    for config in flat:
        same_network = [other for other in flat if other["network"] == config["network"]]
        own = [key for key in telling if len({str(other.get(key)) for other in same_network}) > 1]
        details = ", ".join(f"{key.partition('.')[2]}={_short(config[key])}" for key in own if key in config)
        labels.append(f"{config['network']} ({details})" if details else str(config["network"]))
    return labels


def _flat(config: dict[str, Any]) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    for key, value in config.items():
        if isinstance(value, dict):
            pairs |= {f"{key}.{name}": item for name, item in value.items()}
        else:
            pairs[key] = value
    return pairs


def _short(value: Any) -> str:
    return "-".join(str(item) for item in value) if isinstance(value, list) else str(value)
