"""What rules read: short series of numbers, each with a name and a place, and what is known of the run beforehand."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

Row = tuple[int, str, str, float]
"""(step, name, place, value)."""


class Reading(NamedTuple):
    """What a probe yields: one number for a signal; a scalar on the device may wait there until a window is full.

    Attributes:
        place: a layer, parameter, player or loss term; empty for the whole network.
    """

    name: str
    value: Any
    place: str = ""


@dataclass(frozen=True)
class Signal:
    """A named series for one place; step 0 is before the first step."""

    name: str
    place: str = ""
    steps: tuple[int, ...] = ()
    values: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if len(self.steps) != len(self.values):
            raise ValueError(f"signal {self.name} has {len(self.steps)} steps and {len(self.values)} values")

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[tuple[int, float]]:
        return iter(zip(self.steps, self.values, strict=True))

    @property
    def first(self) -> float:
        """The first value; NaN where there is none."""
        return self.values[0] if self.values else math.nan

    @property
    def last(self) -> float:
        """The newest value; NaN where there is none."""
        return self.values[-1] if self.values else math.nan

    @property
    def finite(self) -> Signal:
        """The same without values that are not finite."""
        return self._where(math.isfinite(value) for value in self.values)

    def up_to(self, step: int) -> Signal:
        """What was known at this step."""
        count = bisect_right(self.steps, step)
        return Signal(self.name, self.place, self.steps[:count], self.values[:count])

    def after(self, step: int) -> Signal:
        """What came later than this step."""
        return self._where(at > step for at in self.steps)

    def tail(self, count: int) -> Signal:
        """The newest values."""
        return Signal(self.name, self.place, self.steps[-count:], self.values[-count:])

    def _where(self, keep: Iterable[bool]) -> Signal:
        kept = [pair for pair, wanted in zip(self, keep, strict=True) if wanted]
        return Signal(self.name, self.place, tuple(step for step, _ in kept), tuple(value for _, value in kept))


class Signals(Mapping[tuple[str, str], Signal]):
    """A read-only collection of signals, by name and place.

    A name that was never read gives an empty signal from `one`, so that rules need not ask first.

    Example:
        >>> Signals.of({"training/loss": [2.3, 2.0, 1.7]}, every=50).one("training/loss").last
        1.7
    """

    def __init__(self, signals: Iterable[Signal] = ()) -> None:
        self._signals = {(signal.name, signal.place): signal for signal in signals}
        self._named: dict[str, list[Signal]] = {}
        for signal in self._signals.values():
            self._named.setdefault(signal.name, []).append(signal)

    @classmethod
    def of(cls, values: Mapping[str, Sequence[float]], every: int = 1, first: int | None = None) -> Signals:
        """Made by hand: 'name' or 'name @ place' to values, `every` so many steps from `first` on (unset: `every`)."""
        start = every if first is None else first
        return cls(
            Signal(name, place, tuple(range(start, start + every * len(row), every)), tuple(map(float, row)))
            for (name, place), row in ((_split(key), row) for key, row in values.items())
        )

    @classmethod
    def gather(cls, rows: Iterable[Row]) -> Signals:
        """From rows in any order; of two values for one step the later row counts."""
        found: dict[tuple[str, str], dict[int, float]] = {}
        for step, name, place, value in rows:
            found.setdefault((name, place), {})[step] = value
        return cls(
            Signal(*key, tuple(sorted(row)), tuple(row[step] for step in sorted(row))) for key, row in found.items()
        )

    def __getitem__(self, key: tuple[str, str]) -> Signal:
        return self._signals[key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._signals)

    def __len__(self) -> int:
        return len(self._signals)

    def __or__(self, other: Signals) -> Signals:
        """Both; where both have a signal, the other's."""
        return Signals([*self.values(), *other.values()])

    def one(self, name: str, place: str = "") -> Signal:
        """The signal, empty where it was never read."""
        return self._signals.get((name, place), Signal(name, place))

    def every(self, name: str) -> list[Signal]:
        """The signal at each of its places, in the order in which they were first read."""
        return list(self._named.get(name, ()))

    def has(self, name: str) -> bool:
        """Whether the signal has a value at any place."""
        return any(map(len, self._named.get(name, ())))

    def names(self) -> set[str]:
        """Of signals that have a value."""
        return {name for name, signals in self._named.items() if any(map(len, signals))}

    def up_to(self, step: int) -> Signals:
        """What was known at this step."""
        return Signals(signal.up_to(step) for signal in self.values())


def _split(key: str) -> tuple[str, str]:
    name, _, place = key.partition(" @ ")
    return name, place
