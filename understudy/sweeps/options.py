"""The [sweep] table of a run file: what varies, over how many seeds, under which budget, judged by what."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from understudy.errors import OptionError
from understudy.settings import parse

UNITS: dict[str, tuple[str, float]] = {
    **dict.fromkeys(("s", "second", "seconds"), ("minutes", 1 / 60)),
    **dict.fromkeys(("min", "minute", "minutes"), ("minutes", 1)),
    **dict.fromkeys(("h", "hour", "hours"), ("minutes", 60)),
    **dict.fromkeys(("step", "steps"), ("steps", 1)),
    **dict.fromkeys(("epoch", "epochs"), ("epochs", 1)),
}
_AMOUNT = re.compile(r"\s*(\d+(?:\.\d*)?)\s*([a-z]+)\s*")
_COMMA = re.compile(r",(?![^\[]*\])")  # not within a list


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class SweepConfig:
    """What a sweep is, beside the run that it varies."""

    seeds: int = Field(1, ge=1, description="runs of each combination, with seeds 0, 1, ...")
    budget: str | None = Field(None, description="of every run, such as 2min, 500steps or 3epochs")
    unequal: bool = Field(False, description="allow combinations with different budgets")
    by: str | None = Field(None, description="what is ranked by, on the validation split: loss, or a score's name")
    trials: int | None = Field(None, ge=1, description="search: combinations to try")
    vary: dict[str, list[Any]] = Field(default_factory=dict, description="option -> the values that it takes in turn")
    search: dict[str, Any] = Field(
        default_factory=dict, description="option -> where to search: low..high, low..high:log, or choices"
    )

    def __post_init__(self) -> None:
        if self.vary and self.search:
            raise ValueError("vary goes through all combinations, search tries some; give one of them")
        if bool(self.search) != (self.trials is not None):
            raise ValueError("search and trials go together: what to search, and how many combinations to try")
        for key, values in self.vary.items():
            if not values:
                raise ValueError(f"vary {key} has no values")
            if len({repr(value) for value in values}) < len(values):
                raise ValueError(f"vary {key} has a value twice: {values}")
        if "seed" in (*self.vary, *self.search):
            raise ValueError("seeds are given by seeds=N, so that they become mean and spread")


def axes(pairs: Sequence[str], flag: str) -> dict[str, str]:
    """`key=text` as a mapping.

    Raises:
        OptionError: a text has no `=`, or a key comes twice.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        key, separator, text = pair.partition("=")
        key = key.strip().replace("-", "_")
        if not separator or not key or not text.strip():
            raise OptionError(f"{flag} takes key=values, got '{pair}'")
        if key in found:
            raise OptionError(f"{flag} {key} was given twice")
        found[key] = text.strip()
    return found


def values(text: str) -> list[Any]:
    """The values of an axis.

    Example:
        >>> values("1e-1,1e-3"), values("adam,adamax"), values("[64,32],[128]")
        ([0.1, 0.001], ['adam', 'adamax'], [[64, 32], [128]])
    """
    return [parse(part.strip()) for part in _COMMA.split(text) if part.strip()]


def listed(axes_: Mapping[str, Any], spaced: bool = False) -> dict[str, Any]:
    """Axes given from Python: any sequence of values, NumPy's included.

    Args:
        spaced: whether a text may say where to search.

    Raises:
        OptionError: an axis that is no sequence.
    """
    found: dict[str, Any] = {}
    for key, given in axes_.items():
        if spaced and isinstance(given, str):
            found[key] = given
        elif isinstance(given, str) or not hasattr(given, "__iter__"):
            raise OptionError(f"{key} takes a list of values{' or low..high' if spaced else ''}, got {given!r}")
        else:
            found[key] = given.tolist() if hasattr(given, "tolist") else list(given)
    return found


def budget(text: str) -> dict[str, float]:
    """A budget as a training option.

    Example:
        >>> budget("2min"), budget("500steps"), budget("30 s")
        ({'minutes': 2.0}, {'steps': 500}, {'minutes': 0.5})

    Raises:
        OptionError: it is not a number with a unit.
    """
    match = _AMOUNT.fullmatch(text.lower())
    if match is None or match[2] not in UNITS:
        raise OptionError(
            f"a budget is a number with s, min, h, steps or epochs, such as 2min or 500steps; got '{text}'"
        )
    option, factor = UNITS[match[2]]
    amount = float(match[1]) * factor
    if option == "minutes":
        return {option: amount}
    if amount != int(amount):
        raise OptionError(f"a budget has a whole number of {option}; got '{text}'")
    return {option: int(amount)}
