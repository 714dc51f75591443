"""Which weights a loss reaches: those that are cut off from it, those that nobody moves, and older steps' graphs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import torch
from torch import Tensor, nn

from understudy.doctor.structure.fresh import looks_fresh
from understudy.doctor.structure.graph import Graph, survey
from understudy.doctor.watch.lines import Line
from understudy.doctor.watch.scene import Scene
from understudy.doctor.watch.senses.sense import Backward, Call, Pass, Sense
from understudy.doctor.watch.source import attribute_at

CUTS = {"detach", "detach_", "data", "tensor", "as_tensor"}
"""Calls whose result has forgotten where it came from."""
STEPS = 3
"""Steps of an optimizer that it takes before a weight counts as cut off."""
SOME = 64
"""Numbers of a parameter that are compared with what they were."""


@dataclass(frozen=True)
class Cut:
    """Where a graph was cut, and the parameters behind it."""

    line: Line | None
    leaves: frozenset[int]
    step: int


class Reach(Sense):
    """Yields, by the name of the part: `cut_off`, the share of its weights that no loss reaches though the part is used
    and an optimizer has them; `unmoved`, how many numbers get a gradient and no optimizer has them; `unmoved_fresh`,
    whether they are as they were initialised; `optimizers`, how many move a parameter; and `graph_age`, how many rounds
    back a loss reaches.

    Args:
        at_once: one step is enough: it is a rehearsal, in which nothing else happens.
    """

    def __init__(self, scene: Scene, *, at_once: bool = False) -> None:
        super().__init__(scene)
        self._at_once = at_once
        self._reached: dict[str, set[int]] = {player: set() for player in scene.optimizers}
        self._used: dict[str, set[int]] = {player: set() for player in scene.optimizers}
        self._missed: dict[int, int] = {}
        self._steps: dict[str, int] = dict.fromkeys(scene.optimizers, 0)
        self._cuts: list[Cut] = []
        self._seen: dict[int, Tensor] = {}
        for parameter, players in scene.movers.items():
            if len(players) > 1:
                place = scene.names.get(parameter, "a parameter")
                self.notes.take("optimizers", len(players), place, scene.made.get(players[-1]))
        self.notes.take("optimizers", 1)

    def look_begins(self) -> None:
        """What happened in between was not seen."""
        for seen in (*self._reached.values(), *self._used.values()):
            seen.clear()

    def passed(self, event: Pass) -> None:
        """A part is used; if without a graph, it is cut off here."""
        mine = frozenset(id(one) for one in event.layer.parameters(recurse=False) if one.requires_grad)
        for used in self._used.values():
            used |= mine
        output = event.output if isinstance(event.output, Tensor) else None
        if mine and output is not None and not output.requires_grad:
            self._cut(event.line, mine)

    def after_call(self, call: Call) -> None:
        """A tensor with a history lost it."""
        if call.name not in CUTS or not call.args:
            return
        source: Any = getattr(call.function, "__self__", None) if call.name == "data" else None
        source = call.args[0] if isinstance(call.args[0], Tensor) else source
        if isinstance(source, Tensor) and source.grad_fn is not None:
            self._cut(call.line, frozenset(survey(source).leaves))

    def before_backward(self, event: Backward) -> None:
        """Take note of what is reached."""
        assert event.graph is not None
        for reached in self._reached.values():
            reached.update(event.graph.leaves)
        self._judge_age(event, event.graph)
        if event.graph.whole:
            self._judge_unmoved(event, event.graph)

    def before_step(self, player: str) -> None:
        """Which of its weights were used, and not reached?"""
        self._steps[player] += 1
        for weight in self.scene.moved_by(player):
            idle = weight.grad is None or not bool(weight.grad.any() if not weight.grad.is_sparse else True)
            if idle and id(weight) in self._used[player] and id(weight) not in self._reached[player]:
                self._missed[id(weight)] = self._missed.get(id(weight), 0) + 1

    def after_step(self, player: str) -> None:
        """From here on anew."""
        self._reached[player].clear()
        self._used[player].clear()
        if self._at_once or self._steps[player] >= STEPS:
            self._judge_cut_off(player)

    def round_ends(self) -> None:
        """Old cuts are forgotten."""
        if len(self._cuts) > 1000:
            del self._cuts[:-1000]

    def _cut(self, line: Line | None, leaves: frozenset[int]) -> None:
        self._cuts.append(Cut(line, leaves, sum(self._steps.values())))

    def _judge_cut_off(self, player: str) -> None:
        """A weight that was never reached, behind a cut: the newest cut before this step is to blame."""
        weights = self.scene.moved_by(player)
        missed = {id(one) for one in weights if self._missed.get(id(one), 0) == self._steps[player]}
        behind = [cut for cut in self._cuts if cut.leaves & missed]
        if not behind:
            self.notes.take("cut_off", 0, player)
            return
        newest = max(behind, key=lambda cut: cut.step)
        lost = missed.intersection(*[frozenset.union(*(cut.leaves for cut in behind))])
        names = [self.scene.names.get(one, "") for one in lost]
        self.notes.take("cut_off", len(lost) / len(weights), _common(names) or player, newest.line)

    def _judge_unmoved(self, event: Backward, graph: Graph) -> None:
        """Parameters that get a gradient, and that nobody moves."""
        mine = {
            key: leaf
            for key, leaf in graph.leaves.items()
            if isinstance(leaf, nn.Parameter) and key not in self.scene.movers
        }
        hidden = self._hidden_names() if any(key not in self.scene.names for key in mine) else {}
        names = {key: self.scene.names.get(key) or hidden.get(key) for key in mine}
        known = {key: leaf for key, leaf in mine.items() if names[key] and self._stays(key, leaf)}
        if not known:
            self.notes.take("unmoved", 0)
            return
        place = _common([str(names[key]) for key in known])
        line = self._where(place, any(key in hidden for key in known))
        self.notes.take("unmoved", sum(leaf.numel() for leaf in known.values()), place, line)
        self.notes.take("unmoved_fresh", any(looks_fresh(leaf) for leaf in known.values()), place)
        self.notes.take("unmoved_hidden", any(key in hidden for key in known), place)

    def _stays(self, key: int, leaf: Tensor) -> bool:
        """Whether some of its numbers are what they were at the look before: nobody moves it by hand."""
        before, now = self._seen.get(key), leaf.detach().flatten()[:SOME].clone()
        self._seen[key] = now
        return self._at_once or (before is not None and torch.equal(before, now))

    def _where(self, place: str, hidden: bool) -> Line | None:
        """Where the list of layers is made, or the optimizer."""
        if not hidden:
            return next(iter(self.scene.made.values()), None)
        holder, _, name = place.partition("[")[0].rpartition(".")
        part = dict(self.scene.parts()).get(holder)
        return None if part is None else attribute_at(part, name)

    def _hidden_names(self) -> dict[int, str]:
        """Parameters of layers that a network keeps where torch does not look: in lists, tuples and dicts."""
        found: dict[int, str] = {}
        for place, part in self.scene.parts():
            for name, value in vars(part).items():
                if name.startswith("_"):
                    continue
                held = value.values() if isinstance(value, dict) else value
                for number, one in enumerate(held if isinstance(value, list | tuple | dict) else ()):
                    mine = one.parameters() if isinstance(one, nn.Module) else [one]
                    where = ".".join(filter(None, (place, f"{name}[{number}]")))
                    found.update({id(weight): where for weight in mine if isinstance(weight, nn.Parameter)})
        return found

    def _judge_age(self, event: Backward, graph: Graph) -> None:
        """A loss of this round should not go back to an earlier one, nor through a loss that went back already."""
        self.notes.take("graph_age", self.notes.round - graph.since, "", event.line)
        self.notes.take("graph_again", graph.again, "", event.line)
        self.notes.take("graph_nodes", graph.nodes)


def _common(names: list[str]) -> str:
    """The part that all these parameters are in: `encoder` of `encoder.0.weight` and `encoder.0.bias`."""
    split = [re.split(r"(?=[.\[])", name) for name in names]
    shared = takewhile(lambda words: len(set(words)) == 1, zip(*split, strict=False))
    return "".join(words[0] for words in shared)
