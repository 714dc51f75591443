"""Remedies for one run: with options that its network has, and values that it does not have already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from understudy import models
from understudy.doctor.facts import Facts
from understudy.doctor.finding import USUAL, Remedy
from understudy.settings import as_dict, validated
from understudy.training.config import TrainingConfig

TABLES = ("model", "training", "data")


def fitting(remedies: tuple[Remedy, ...], facts: Facts) -> tuple[Remedy, ...]:
    """Those that can be tried, with numbers of the run's own; of a loop of the user's own all.

    A factor such as `/10` is taken of the run's value, and `usual` is the network's. Options that the run has already
    are left out of a remedy. One without options stays: it is for reading.
    """
    if not facts.network:
        return remedies
    now = {name: value for table in TABLES for name, value in facts.config.get(table, {}).items()}
    found = []
    for remedy in remedies:
        own = usual(facts.network) if USUAL in remedy.patch.values() else {}
        asked = {name: own.get(name) if value == USUAL else value for name, value in remedy.patch.items()}
        patch = {name: scaled(value, now.get(name)) for name, value in asked.items()}
        known = patch.keys() <= now.keys() and None not in patch.values()
        new = {name: value for name, value in patch.items() if known and now[name] != value}
        if not patch or new:
            found.append(replace(remedy, patch=new))
    return tuple(found)


def _is_factor(value: Any) -> bool:
    return isinstance(value, str) and value[:1] in ("/", "*")


@cache
def usual(network: str) -> Mapping[str, Any]:
    """Every option of network and training as it is where nobody sets it; nothing of a network of the user's own.

    What is stored of a run is judged without its code, which may be elsewhere by now.
    """
    if network not in models.TABLE:
        return {}
    line = models.entry(network)
    recipe = {**line.load().recipe, **line.training}
    return {**as_dict(validated(TrainingConfig, recipe, "recipe")), **as_dict(models.configure(network, {}))}


def scaled(value: Any, now: Any) -> Any:
    """`/10` or `*2` of the present number, whole where that is; any other value as it is; None without a number."""
    if not _is_factor(value):
        return value
    if isinstance(now, bool) or not isinstance(now, int | float):
        return None
    factor = float(value[1:])
    changed = now / factor if value[0] == "/" else now * factor
    return max(1, round(changed)) if isinstance(now, int) else float(f"{changed:.4g}")


def in_words(patch: Mapping[str, Any]) -> str:
    """A patch that is not yet of any run: what to set, what to multiply, what to leave to the network's recipe."""
    usual_ones = ", ".join(f"`{name}`" for name, value in patch.items() if value == USUAL)
    told = [
        f"`{name} {value[0]} {value[1:]}`" if _is_factor(value) else f"`--set {name}={value}`"
        for name, value in patch.items()
        if value != USUAL
    ]
    return "".join(f" {words}" for words in [*told, *[f"({usual_ones} of its recipe)"] * bool(usual_ones)])


def options(patch: Mapping[str, Any]) -> str:
    """A patch as it is typed."""
    return "".join(f" --set {name}={value}" for name, value in patch.items())
