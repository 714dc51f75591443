"""Does a recurrent network begin a batch with the state that it had at the end of another one?"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from understudy.doctor.watch.lines import Line
from understudy.doctor.watch.scene import Scene
from understudy.doctor.watch.senses.criteria import loss_call
from understudy.doctor.watch.senses.sense import Call, Pass, Question, Sense

RECURRENT = (nn.RNNBase, nn.RNNCellBase)
SHIFTED = 0.9
"""Share of places at which a target must be the next input, for the task to be to go on with a sequence."""


class States(Sense):
    """Yields, by layer, `state_carried`: 1 where the first state of a round is the last one of the round before, else
    0; and `batch_continues`: the share of rows that go on where the same row of the batch before ended, 0 where each
    item has one answer and so is a sequence of its own.
    """

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.look_begins()

    def look_begins(self) -> None:
        """Nothing is known of the round before."""
        self._first: dict[str, tuple[Tensor | None, Line | None]] = {}
        self._last: dict[str, Tensor] = {}
        self._before: dict[str, Tensor] = {}
        self._input: Tensor | None = None
        self._ended: Tensor | None = None
        self._ends: Tensor | None = None

    def enters(self, question: Question) -> None:
        """The sequences that are read."""
        found = [one for one in question.tensors if one.dim() >= 2]
        if torch.is_grad_enabled() and question.module.training and found:
            self._input = found[0].detach()

    def passed(self, event: Pass) -> None:
        """Which state does a recurrent layer begin with, and which does it end with?"""
        if not isinstance(event.layer, RECURRENT) or not torch.is_grad_enabled() or not event.layer.training:
            return
        if event.place not in self._first:
            begin = _state(event.inputs[1]) if len(event.inputs) > 1 else None
            self._first[event.place] = (begin, event.line)
        end = event.output[1] if isinstance(event.layer, nn.RNNBase) else event.output
        if (state := _state(end)) is not None:
            self._last[event.place] = state

    def before_call(self, call: Call) -> None:
        """Do the answers say that a sequence goes on?"""
        found = loss_call(call)
        if found is None or self._input is None or not found.input.requires_grad:
            return
        x, y = self._input, found.target.detach()
        if y.dim() == 1 and x.dim() == 2 and y.numel() == x.numel():
            y = y.view(x.shape)
        if y.shape[:2] == x.shape[:2] and y.dim() >= 2 and y.shape == x.shape:
            if _share(x[:, 1:], y[:, :-1]) >= SHIFTED:
                if self._ended is not None and self._ended.shape == x[:, 0].shape:
                    self.notes.take("batch_continues", _share(x[:, 0], self._ended))
                self._ends = y[:, -1].clone()
        elif y.numel() == len(x) and len(x) > 1:
            self.notes.take("batch_continues", 0.0)

    def round_ends(self) -> None:
        """Compare with the end of the round before."""
        for place, (begin, line) in self._first.items():
            before = self._before.get(place)
            if before is not None:
                carried = begin is not None and begin.shape == before.shape and bool(begin.any())
                same = carried and begin is not None and torch.equal(begin, before)
                self.notes.take("state_carried", same, place, line)
        self._before, self._last, self._first = self._last, {}, {}
        self._ended, self._ends, self._input = self._ends, None, None


def _state(given: Any) -> Tensor | None:
    state = given[0] if isinstance(given, tuple) else given
    return state.detach().clone() if isinstance(state, Tensor) else None


def _share(first: Tensor, second: Tensor) -> float:
    return (first == second).float().mean().item() if first.shape == second.shape and first.numel() else 0.0
