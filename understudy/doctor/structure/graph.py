"""The graph behind a loss: which parameters it reaches, how far back it goes, and what its inputs came out of."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from typing import Any, cast

from torch import Tensor

Node = Any
"""A node of autograd, of a class that torch makes as it goes."""

MOST = 200_000
"""Nodes beyond which a walk ends."""
SHAPING = {
    "AliasBackward0", "AsStridedBackward0", "CatBackward0", "CloneBackward0", "ExpandBackward0", "IndexBackward0",
    "PermuteBackward0", "ReshapeAliasBackward0", "SelectBackward0", "SliceBackward0", "SplitBackward0",
    "SqueezeBackward0", "SqueezeBackward1", "SqueezeBackward2", "StackBackward0", "TBackward0", "ToCopyBackward0",
    "TransposeBackward0", "UnsafeViewBackward0", "UnsqueezeBackward0", "ViewBackward0", "UnbindBackward0",
}  # fmt: skip
"""Nodes that move values about and change none."""


SEEN, ROOT = "seen", "root"
"""What is written on nodes: when they were seen first, and that a backward pass began there."""


@dataclass
class Graph:
    """What a walk from a loss found.

    Attributes:
        leaves: parameters and inputs that a gradient will reach, by their identity.
        nodes: how many operations there are.
        since: the mark of the oldest operation that an earlier walk had seen, or this walk's own.
        again: losses within it that were differentiated before.
        whole: whether the walk came to every leaf: not where parts are computed again on the way back.
    """

    leaves: dict[int, Tensor] = field(default_factory=dict)
    nodes: int = 0
    since: int = 0
    again: int = 0
    whole: bool = True


def nodes_of(*roots: Tensor, closed: Set[str] = frozenset()) -> Iterator[Node]:
    """Every node behind these tensors, each once.

    Args:
        closed: names of nodes behind which nothing is looked at.
    """
    waiting = [root.grad_fn for root in roots if root.grad_fn is not None]
    seen = set(waiting)
    while waiting and len(seen) < MOST:
        node = waiting.pop()
        yield node
        for before, _ in node.next_functions if node.name() not in closed else ():
            if before is not None and before not in seen:
                seen.add(before)
                waiting.append(before)


def survey(*roots: Tensor, mark: int | None = None, by: object = None) -> Graph:
    """Walk from a loss to its leaves.

    Args:
        mark: a number that does not fall, such as the step: nodes are marked with that of the first walk that saw them.
        by: whose mark it is.
    """
    found = Graph(since=mark or 0)
    for node in nodes_of(*roots):
        variable = getattr(node, "variable", None)
        if variable is not None:
            found.leaves[id(variable)] = variable
            continue
        found.nodes += 1
        found.whole = found.whole and "Checkpoint" not in node.name()
        if mark is not None:
            found.since = min(found.since, node.metadata.setdefault((SEEN, by), mark))
            found.again += (ROOT, by) in node.metadata
    for root in roots if mark is not None else ():
        if root.grad_fn is not None:
            cast(Node, root.grad_fn).metadata[ROOT, by] = mark
    found.whole = found.whole and found.nodes < MOST
    return found


def origin(tensor: Tensor) -> str:
    """The operation that made the values of a tensor, what only moved them about left out; empty for a leaf."""
    node = tensor.grad_fn
    while node is not None:
        if node.name() not in SHAPING:
            return str(node.name()).removesuffix("0").removesuffix("Backward")
        node = node.next_functions[0][0]
    return ""
