"""What a search may propose for an option: a range of numbers, or choices."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from understudy.errors import OptionError
from understudy.settings import parse
from understudy.sweeps.options import values

FIGURES = 4
"""Significant digits of a proposed number: more would tell nothing, and names stay short."""


@dataclass(frozen=True)
class Range:
    """Numbers from low to high, whole ones where both ends are; `propose` takes an Optuna trial."""

    low: float
    high: float
    log: bool

    def propose(self, trial: Any, name: str) -> Any:
        """A number of the range."""
        if isinstance(self.low, int) and isinstance(self.high, int):
            return trial.suggest_int(name, self.low, self.high, log=self.log)
        value = trial.suggest_float(name, self.low, self.high, log=self.log)
        return min(max(float(f"{value:.{FIGURES}g}"), self.low), self.high)

    def ends(self) -> list[Any]:
        """Values that must be usable for all between to be."""
        return [self.low, self.high]


@dataclass(frozen=True)
class Choices:
    """Values without an order."""

    values: list[Any]

    def propose(self, trial: Any, name: str) -> Any:
        """One of them."""
        return self.values[trial.suggest_categorical(name, list(range(len(self.values))))]

    def ends(self) -> list[Any]:
        """All of them."""
        return self.values


Space = Range | Choices


def spaces(search: Mapping[str, Any]) -> dict[str, Space]:
    """The spaces of a search, each `low..high`, `low..high:log`, or choices.

    Example:
        >>> spaces({"learning_rate": "1e-5..1e-1:log", "latent_dim": "2..64", "optimizer": "adam,adamax"})["latent_dim"]
        Range(low=2, high=64, log=False)

    Raises:
        OptionError: one of them is no space.
    """
    return {name: _space(name, given) for name, given in search.items()}


def corners(search: Mapping[str, Space]) -> list[dict[str, Any]]:
    """Combinations that together have every end of every space."""
    ends = {name: space.ends() for name, space in search.items()}
    count = max(len(found) for found in ends.values())
    return [{name: found[min(number, len(found) - 1)] for name, found in ends.items()} for number in range(count)]


def _space(name: str, given: Any) -> Space:
    if isinstance(given, list):
        return _choices(name, given)
    if not isinstance(given, str):
        raise OptionError(f"search {name} takes low..high, low..high:log or choices, got {given!r}")
    low, dots, rest = given.partition("..")
    if not dots:
        return _choices(name, values(given))
    high, colon, scale = rest.partition(":")
    ends = [parse(low.strip()), parse(high.strip())]
    if not all(isinstance(end, int | float) and not isinstance(end, bool) for end in ends) or (
        colon and scale != "log"
    ):
        raise OptionError(f"search {name} takes low..high or low..high:log, got '{given}'")
    if not ends[0] < ends[1] or (colon and ends[0] <= 0):
        raise OptionError(f"search {name}={given}: low must be below high{', and above 0' if colon else ''}")
    return Range(ends[0], ends[1], log=bool(colon))


def _choices(name: str, found: list[Any]) -> Choices:
    if len(found) < 2:
        raise OptionError(f"search {name} has {len(found)} choices; give two or more, or a range low..high")
    return Choices(found)
