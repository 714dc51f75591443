"""Where in the graph of a loss a number stopped being finite: the first operation that was given finite ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from understudy.doctor.structure.graph import Node, nodes_of


@dataclass(frozen=True)
class Pole:
    """An operation at a value where it has none.

    Attributes:
        node: the node's name, such as `LogBackward0`.
        number: the operation's own; the first one made has the smallest.
        rank: how many of that name were made before it.
        words: what it was given, such as `the logarithm of 0`.
        values: how many numbers it was given that were so.
    """

    node: str
    number: int
    rank: int
    words: str
    values: int


@dataclass(frozen=True)
class Danger:
    """What an operation keeps for its way back, for which of these values it breaks, and how that is said."""

    saved: str
    breaks: Callable[[Tensor], Tensor]
    words: str


def _not_above(limit: float) -> Callable[[Tensor], Tensor]:
    return lambda x: torch.isfinite(x) & (x <= limit)


def _zero(x: Tensor) -> Tensor:
    return x == 0


DANGERS: dict[str, Danger] = {
    "LogBackward0": Danger("self", _not_above(0), "the logarithm of 0 or less"),
    "Log2Backward0": Danger("self", _not_above(0), "the logarithm of 0 or less"),
    "Log10Backward0": Danger("self", _not_above(0), "the logarithm of 0 or less"),
    "Log1PBackward0": Danger("self", _not_above(-1), "the logarithm of 0 or less"),
    "DivBackward0": Danger("other", _zero, "a division by 0"),
    "ReciprocalBackward0": Danger("result", torch.isinf, "a division by 0"),
    "RsqrtBackward0": Danger("result", torch.isinf, "one over the root of 0"),
    "SqrtBackward0": Danger("result", lambda x: torch.isnan(x) | (x == 0), "the root of 0 or less"),
    "PowBackward0": Danger("self", _not_above(0), "a power of 0 or less"),
    "ExpBackward0": Danger("result", torch.isinf, "an exponential too large for a float"),
}
"""By node. A root has a value at 0, and no slope: it breaks the gradient, not the loss."""


def pole(*roots: Tensor) -> Pole | None:
    """The first operation at a pole, in the order in which they were computed; None where there is none."""
    nodes = sorted((node for node in nodes_of(*roots) if node.name() in DANGERS), key=lambda node: node._sequence_nr())
    ranks: dict[str, int] = {}
    for node in nodes:
        name = node.name()
        ranks[name] = ranks.get(name, -1) + 1
        count = _broken(node, DANGERS[name])
        if count:
            return Pole(name, node._sequence_nr(), ranks[name], DANGERS[name].words, count)
    return None


def _broken(node: Node, danger: Danger) -> int:
    saved: Any = getattr(node, f"_saved_{danger.saved}", None)
    return int(danger.breaks(saved.detach()).sum()) if isinstance(saved, Tensor) else 0
