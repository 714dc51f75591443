"""The loss of every step: what it is, and where it stopped being finite."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor

from understudy.doctor.structure.graph import nodes_of
from understudy.doctor.structure.poles import DANGERS, pole
from understudy.doctor.watch.lines import Line, their_line
from understudy.doctor.watch.scene import Scene
from understudy.doctor.watch.senses.sense import Backward, Call, Question, Sense

WINDOW = 10
"""Rounds whose losses are one reading."""


class Losses(Sense):
    """Yields `training/loss` of each player, `non_finite`, and where the first number was not finite, `pole`.

    The line of an operation is known of rounds that are looked at. In others it is the line of the operation that was
    as many of its kind after the first in the graph of the same call of backward.
    """

    always: ClassVar[bool] = True

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._since_step: list[float | Tensor] = []
        self._means: dict[str, list[float | Tensor]] = {}
        self._asked: Question | None = None
        self._asked_at: Line | None = None
        self._lines: dict[int, Line] = {}
        self._patterns: dict[Line | None, dict[str, list[Line | None]]] = {}
        self._broken = False

    def enters(self, question: Question) -> None:
        """Remember what was asked, until the next step."""
        self._asked = question
        if self._asked_at is None:
            self._asked_at = their_line()

    def after_call(self, call: Call) -> None:
        """Note which line made a node that can break."""
        node = call.result.grad_fn if isinstance(call.result, Tensor) else None
        if node is not None and call.line is not None and node.name() in DANGERS:
            self._lines[node._sequence_nr()] = call.line

    def before_backward(self, event: Backward) -> None:
        """Note the loss, and look at its graph if it is not finite."""
        if event.graph is not None and event.line not in self._patterns:
            self._patterns[event.line] = self._pattern(event)
        for root in event.roots:
            value = root.detach().sum() if root.dim() else root.detach()
            self._since_step.append(value.item() if value.device.type == "cpu" else value)
            newest = self._since_step[-1]
            if isinstance(newest, float) and not math.isfinite(newest):
                self._diagnose(event, newest)

    def before_step(self, player: str) -> None:
        """What was differentiated since the last step is this player's loss."""
        if self._since_step:
            self._means.setdefault(player, []).append(sum(self._since_step[1:], self._since_step[0]))
            self._since_step.clear()
        self._asked = None

    def round_ends(self) -> None:
        """Every so many rounds, a reading."""
        if self.notes.round % WINDOW == 0:
            self.ends()

    def ends(self) -> None:
        """The rest."""
        for player, losses in self._means.items():
            values = [float(value) for value in losses]
            finite = [value for value in values if math.isfinite(value)]
            if finite:
                self.notes.take("training/loss", math.fsum(finite) / len(finite), player)
            if len(finite) < len(values) and not self._broken:
                self._broken = True
                self.notes.take("non_finite", next(value for value in values if not math.isfinite(value)), "loss")
        self._means.clear()

    def _pattern(self, event: Backward) -> dict[str, list[Line | None]]:
        """The lines of the operations that can break, in the order in which they were computed."""
        nodes = [node for node in nodes_of(*event.roots) if node.name() in DANGERS]
        found: dict[str, list[Line | None]] = {}
        for node in sorted(nodes, key=lambda one: one._sequence_nr()):
            found.setdefault(node.name(), []).append(self._lines.get(node._sequence_nr()))
        self._lines.clear()
        return found

    def _diagnose(self, event: Backward, value: float) -> None:
        """Tell, once, which came first: the data, the weights, or an operation."""
        if self._broken:
            return
        self._broken = True
        at = event.line or their_line()
        self.notes.take("non_finite", value, "loss", at)
        given = self._asked.tensors if self._asked else []
        bad_inputs = sum(int((~torch.isfinite(one)).sum()) for one in given if one.is_floating_point())
        self.notes.take("non_finite_inputs", bad_inputs, "", self._asked_at)
        bad = [name for name, weight in self.scene.parameters().items() if not torch.isfinite(weight).all()]
        self.notes.take("non_finite_weights", len(bad), bad[0] if bad else "")
        found = pole(*event.roots) if not bad and not bad_inputs else None
        if found is None:
            return
        lines = self._patterns.get(at, {}).get(found.node, [])
        line = self._lines.get(found.number) or (lines[found.rank] if found.rank < len(lines) else None)
        self.notes.take("pole", found.values, found.words, line)
