"""What a search looked at, as a tree: every hypothesis that had a slot or ended, and what became of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from understudy.decoding.beam_search import BeamSearch
from understudy.decoding.penalties import length_penalty
from understudy.decoding.trellis import Hypothesis


@dataclass
class Node:
    """A hypothesis after some of its tokens: what it was worth then, and the best of what came of it.

    Attributes:
        fate: `pruned`, others were better; `finished`, it ended, but others were better; `kept`, it is returned.
    """

    log_probability: float
    score: float
    fate: str = "pruned"


@dataclass
class Tree:
    """All that was looked at for one row.

    Attributes:
        start: the token that was read first.
        end: the token that ends a hypothesis, if there is one.
        nodes: by their tokens, an end among them; the root has none.
    """

    start: int
    end: int | None
    nodes: dict[tuple[int, ...], Node] = field(default_factory=dict)

    def mark(self, hypothesis: tuple[int, ...], fate: str) -> None:
        """Give a finished hypothesis, and what led to it, this fate; those that are returned come last."""
        ended = hypothesis if self.end is None else (*hypothesis, self.end)
        for length in range(len(ended) + 1):
            self.nodes[ended[:length]].fate = fate

    def as_json(self) -> dict[str, Any]:
        """Plain values, parents before children, siblings from best to worst.

        `{"start", "end", "nodes": [{"id", "parent", "step", "token", "log_probability", "score", "fate"}, ...]}`. At an
        end, `score` is what hypotheses are ranked by; before, the log-probability over the length's penalty so far.
        """
        order = sorted(self.nodes, key=lambda tokens: (len(tokens), -self.nodes[tokens].log_probability))
        ids = {tokens: number for number, tokens in enumerate(order)}
        nodes = [
            {
                "id": ids[tokens],
                "parent": ids[tokens[:-1]] if tokens else None,
                "step": len(tokens),
                "token": tokens[-1] if tokens else self.start,
                **vars(self.nodes[tokens]),
            }
            for tokens in order
        ]
        return {"start": self.start, "end": self.end, "nodes": nodes}


def labelled(tree: dict[str, Any], label: Callable[[int], str]) -> dict[str, Any]:
    """A row's tree with what each token reads as: what `report.tree` draws.

    Example:
        >>> labelled({"start": 0, "end": 2, "nodes": [{"id": 0, "token": 2}]}, str)["nodes"]
        [{'id': 0, 'token': 2, 'label': '2', 'end': True}]
    """
    nodes = [{**node, "label": label(node["token"]), "end": node["token"] == tree["end"]} for node in tree["nodes"]]
    return {"kind": "tree", **tree, "nodes": nodes}


def tree_of(search: BeamSearch, row: int, found: Sequence[Hypothesis]) -> dict[str, Any]:
    """One row's tree as plain JSON values; see `Tree.as_json`.

    Args:
        search: what has run, and kept its ends.
        found: what is returned for the row.
    """
    tree = Tree(int(search.request.start[row]), search.request.end)
    _grow(tree, search, row)
    for hypothesis in found:
        tree.mark(hypothesis.tokens, "kept")
    return tree.as_json()


def _grow(tree: Tree, search: BeamSearch, row: int) -> None:
    """Add what one search looked at for one row."""
    groups = search.options.groups
    here: dict[int, tuple[int, ...]] = {
        row * groups + group: () for group in range(groups)
    }  # tokens by row of the batch
    for step, (parents, tokens, totals) in enumerate(
        zip(search.trellis.parents, search.trellis.tokens, search.trellis.scores, strict=True)
    ):
        if step:
            came = enumerate(zip(parents.tolist(), tokens.tolist(), strict=True))
            here = {place: (*here[parent], token) for place, (parent, token) in came if parent in here}
        cost = float(length_penalty(torch.tensor(max(step, 1)), search.options))
        for place, path in here.items():
            total = float(totals[place])
            tree.nodes.setdefault(path, Node(total, total / cost))
        for place, score, total in search.ends[step] if step < len(search.ends) else ():
            if place in here:
                ended = here[place] if tree.end is None else (*here[place], tree.end)
                tree.nodes[ended] = Node(total, score)
                tree.mark(here[place], "finished")
