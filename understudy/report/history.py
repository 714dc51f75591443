"""The curves of a run, read from its events."""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Point(NamedTuple):
    """One value on a curve; `time` is in seconds of training."""

    step: int
    time: float
    value: float


Curves = dict[str, list[Point]]
_EVENTS = ("steps", "validation", "end")


@dataclass
class History:
    """Every curve by name; a loss term of one player among several is called 'player/term'."""

    training: Curves = field(default_factory=dict)
    validation: Curves = field(default_factory=dict)
    learning_rate: Curves = field(default_factory=dict)
    gradient_norm: Curves = field(default_factory=dict)
    seconds: float = 0.0
    skipped: int = 0

    @property
    def terms(self) -> list[str]:
        """Names of the loss terms, in the order in which they appeared."""
        return list(dict.fromkeys([*self.training, *self.validation]))

    @property
    def main_terms(self) -> list[str]:
        """The terms that are optimised: one for each player."""
        return [term for term in self.terms if term.rpartition("/")[2] == "loss"] or self.terms[:1]


def read_history(lines: Iterable[str]) -> History:
    """Curves from the lines of `events.jsonl`.

    A last line without its end is a write that was cut short and is left out; other unreadable lines are counted in
    `skipped`. A resumed run repeats the steps after its checkpoint: the later ones count.
    """
    history = History()
    for event in _surviving(_parse(lines, history)):
        step, time = event["step"], _number(event.get("time"))
        time = time if math.isfinite(time) else history.seconds
        history.seconds = max(history.seconds, time)
        if event["event"] == "validation":
            _add(history.validation, event.get("loss", {}), step, time)
        elif event["event"] == "steps":
            _add(history.training, event.get("loss", {}), step, time)
            _add(history.learning_rate, _by_player(event.get("learning_rate")), step, time)
            _add(history.gradient_norm, _by_player(event.get("gradient_norm")), step, time)
    return history


def thin(points: list[Point], buckets: int = 600) -> list[Point]:
    """Per bucket its lowest and highest point, and one that is not finite, so that no spike or break is lost."""
    if len(points) <= 2 * buckets:
        return points
    kept = {0, len(points) - 1}
    for bucket in range(buckets):
        indices = range(bucket * len(points) // buckets, (bucket + 1) * len(points) // buckets)
        finite = sorted(
            (index for index in indices if math.isfinite(points[index].value)), key=lambda i: points[i].value
        )
        broken = [index for index in indices if not math.isfinite(points[index].value)]
        kept.update(finite[:1] + finite[-1:] + broken[:1])
    return [points[index] for index in sorted(kept)]


def _parse(lines: Iterable[str], history: History) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            event = json.loads(line)
        except json.JSONDecodeError:
            history.skipped += line.endswith("\n") and not line.isspace()
            continue
        if isinstance(event, dict) and event.get("event") in _EVENTS and isinstance(event.get("step"), int):
            yield event


def _surviving(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events without those that a resumed run took again: of these, the last ones."""
    kept: list[dict[str, Any]] = []
    for event in events:
        while event["event"] != "end" and kept and _is_repeated(kept[-1], event):
            kept.pop()
        kept.append(event)
    return kept


def _is_repeated(earlier: dict[str, Any], event: dict[str, Any]) -> bool:
    return bool(
        earlier["step"] > event["step"]
        or (earlier["step"] == event["step"] and earlier["event"] in (event["event"], "end"))
    )


def _add(curves: Curves, values: dict[str, Any], step: int, time: float) -> None:
    for name, value in values.items():
        curves.setdefault(name, []).append(Point(step, time, _number(value)))


def _by_player(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    return value if isinstance(value, dict) else {"": value}


def _number(value: Any) -> float:
    """A missing value is a gap: JSON writers that refuse NaN put null."""
    return float(value) if isinstance(value, int | float) else math.nan
