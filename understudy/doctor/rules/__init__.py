"""The table of rules: a file (or small group) and a line each. `understudy explain` and the pages derive from it."""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from understudy.doctor.rule import Rule

TABLE: dict[str, str] = {
    "non-finite": "non_finite:RULE",
    "overfitting": "overfitting:RULE",
}
"""A rule's id and `module:NAME`, the module in this package."""


@cache
def load() -> tuple[Rule, ...]:
    """All rules, in the table's order."""
    return tuple(one(id_) for id_ in TABLE)


def one(id_: str) -> Rule:
    """A rule by its id.

    Raises:
        UnknownName: there is none.
    """
    from understudy.errors import UnknownName

    if id_ not in TABLE:
        raise UnknownName("finding", id_, TABLE)
    module, _, name = TABLE[id_].partition(":")
    rule: Rule = getattr(importlib.import_module(f"understudy.doctor.rules.{module}"), name)
    return rule
