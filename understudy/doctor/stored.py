"""A run's signals and facts, from the files that it left, and what the rules make of them now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from understudy.doctor import journal
from understudy.doctor.facts import Facts
from understudy.doctor.signals import Row, Signals
from understudy.doctor.verdict import Verdict, examine
from understudy.files import read_lines

PARTS = {"steps": "training", "validation": "validation"}
"""Events whose loss terms are signals, and what these are called."""


def event_rows(event: Mapping[str, Any]) -> Iterator[Row]:
    """Rows of a line of events.jsonl; a player is the place of its terms."""
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


def gathered(folder: Path) -> tuple[Signals, Facts, dict[str, str]]:
    """What is known of the run in this directory, running or ended, and which probes broke.

    Of a run of a version that kept no signals, its events.
    """
    rows, facts, disabled = journal.read(folder / journal.NAME)
    rows = [row for event in read_lines(folder / "events.jsonl") for row in event_rows(event)] + rows
    return Signals.gather(rows), facts or Facts(), disabled


def verdict_of(folder: Path, more: Iterable[Row] = ()) -> Verdict:
    """What the rules say now of the run in this directory, without what its run file sets aside.

    Args:
        more: rows that were read of it since.
    """
    signals, facts, disabled = gathered(folder)
    return examine(signals | Signals.gather(more), facts, disabled=disabled).without(set_aside(facts.config))


def set_aside(config: Mapping[str, Any]) -> Mapping[str, str]:
    """The findings that a run file, resolved, sets aside, each with its reason."""
    ignored: Mapping[str, str] = config.get("doctor", {}).get("ignore", {})
    return ignored
