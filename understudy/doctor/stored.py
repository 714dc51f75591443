"""A run's signals and facts, from the files that it left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from understudy.doctor.signals import Signals

PARTS = {"steps": "training", "validation": "validation"}
"""Events whose loss terms are signals, and what these are called."""

Row = tuple[int, str, str, float]


def event_rows(event: Mapping[str, Any]) -> Iterator[Row]:
    """(step, name, place, value) of a line of events.jsonl; a player is the place of its terms."""
    part = PARTS.get(event["event"])
    if part is None:
        return
    for term, value in event.get("loss", {}).items():
        player, _, name = term.rpartition("/")
        yield event["step"], f"{part}/{name}", player, value
    for name in ("learning_rate", "gradient_norm"):
        found = event.get(name)
        by_player = found if isinstance(found, dict) else {} if found is None else {"": found}
        yield from ((event["step"], name, key.rpartition("/")[0], value) for key, value in by_player.items())


def from_events(events: Iterable[Mapping[str, Any]]) -> Signals:
    """The signals that the events alone hold: `training/<term>`, `validation/<term>`, rate and gradient norm."""
    return Signals.gather(row for event in events for row in event_rows(event))
