"""What a sweep's table shows, for the terminal and the page alike; reads sweep.json as plain values."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from understudy.report.budgets import UNEQUAL
from understudy.report.metrics import metric, split_name
from understudy.report.numbers import format_duration, format_number
from understudy.report.ranking import ranks
from understudy.report.scoreboard import COST, metric_order
from understudy.runs.compare import Spread
from understudy.runs.sweep import short


@dataclass(frozen=True)
class Line:
    """A row of the table.

    Attributes:
        rank: `best`, `tie` or empty.
        state: how many seeds finished, and what became of the others.
    """

    options: dict[str, str]
    criterion: Spread | None
    scores: dict[str, Spread]
    rank: str
    state: str
    runs: list[dict[str, Any]]

    @property
    def label(self) -> str:
        """The options in one line."""
        return ", ".join(f"{key}={value}" for key, value in self.options.items()) or "as asked"

    @property
    def finished(self) -> bool:
        """Whether every seed's run did."""
        return _finished({"runs": self.runs})

    @property
    def steps(self) -> str:
        """Steps of a run, their mean where they differ."""
        return format_number(round(self.scores["steps"].mean)) if "steps" in self.scores else ""

    @property
    def time(self) -> str:
        """Training time of a run, the mean."""
        return format_duration(self.scores["train_seconds"].mean) if "train_seconds" in self.scores else ""


def lines_of(record: Mapping[str, Any]) -> list[Line]:
    """The rows of sweep.json, in its order."""
    rows = record["rows"]
    criteria = [_spread(row["criterion"]) for row in rows]
    rivals = [found if _finished(row) else None for found, row in zip(criteria, rows, strict=True)]
    places = ranks(record["criterion"]["name"], rivals) if record["criterion"] else [""] * len(rows)
    return [
        Line(
            {key: short(value) for key, value in row["options"].items()},
            found,
            {name: value for name, it in row["scores"].items() if (value := _spread(it))},
            rank,
            _state(row["runs"]),
            row["runs"],
        )
        for row, found, rank in zip(rows, criteria, places, strict=True)
    ]


def held_out(lines: Sequence[Line], first: str = "") -> list[str]:
    """Names of the networks' own scores of which one direction is better, `first` leading."""
    names = {name for line in lines for name in line.scores if name not in COST and not split_name(name)[1]}
    told = sorted((name for name in names if metric(name).better), key=metric_order)
    return sorted(told, key=lambda name: name != first)


def footnotes(record: Mapping[str, Any]) -> list[str]:
    """How the table is to be read: what was chosen by, and under which budget."""
    found = [_ranking(record)]
    if not record["budget"]:
        found.append(UNEQUAL)
    if any(len(row["runs"]) > 1 for row in record["rows"]):
        found.append("Mean ± sample deviation over seeds.")
    return found


def value_with_spread(name: str, found: Spread | None) -> str:
    """A mean as its metric is written, with its spread."""
    if found is None:
        return ""
    shown = metric(name).format(found.mean)
    return shown if math.isnan(found.deviation) else f"{shown} ± {found.deviation:.2g}"


def _ranking(record: Mapping[str, Any]) -> str:
    criterion = record["criterion"]
    if criterion is None:
        return f"Not ranked: {record['note']}."
    direction = {"low": "lower", "high": "higher"}[criterion["better"]]
    return (
        f"Ranked by {criterion['name']} on the validation split, {direction} is better; rows with a run that did not "
        "finish come last. All other scores are of the test split, on which nothing was chosen."
    )


def _state(runs: Sequence[Mapping[str, Any]]) -> str:
    counts = Counter(str(run["status"]) for run in runs)
    if len(runs) == 1:
        return "1 seed" if counts["finished"] else next(iter(counts))
    others = ", ".join(f"{count} {status}" for status, count in counts.items() if status != "finished")
    return f"{len(runs)} seeds: {others}" if others else f"{len(runs)} seeds"


def _finished(row: Mapping[str, Any]) -> bool:
    return all(run["status"] == "finished" for run in row["runs"])


def _spread(found: Mapping[str, Any] | None) -> Spread | None:
    if found is None or found["mean"] is None:
        return None
    return Spread(found["mean"], math.nan if found["deviation"] is None else found["deviation"], found["seeds"])
