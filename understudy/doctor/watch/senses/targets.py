"""What the targets are like: how well an answer would do that is the same for every item, and what the task is."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from understudy.doctor.watch.lines import Line, their_line
from understudy.doctor.watch.scene import Scene
from understudy.doctor.watch.senses.criteria import BINARY_LOGITS, FROM_LOGITS, LOG_PROBABILITIES, LossCall, loss_call
from understudy.doctor.watch.senses.sense import Backward, Call, Question, Sense

FEWEST = 64
"""Targets that it takes to tell what the best constant answer is."""
KEPT = 4096
ROUNDS = 5


class Targets(Sense):
    """Yields `constant`, the loss of the best constant answer, and `first_loss` beside it, where the whole loss is a
    mean that torch computes; `inputs_differ`, the share of items that are not the same as the one before.

    Attributes:
        families: what the task is, as far as the losses tell.
        classes: classes to choose from.
    """

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.families: set[str] = set()
        self.classes = 0
        self._targets: list[Tensor] = []
        self._call: LossCall | None = None
        self._value: Tensor | None = None
        self._read: list[Tensor] = []
        self._told = False
        self._line: Line | None = None

    def enters(self, question: Question) -> None:
        """What is read, and the target may be a copy of."""
        if torch.is_grad_enabled():
            self._line = their_line()
            self._read += [one.detach() for one in question.tensors]

    def before_step(self, player: str) -> None:
        """Forget it; the first batch is looked at if it is all that was read."""
        read, self._read = self._read, []
        if self.notes.round == 1 and len(read) == 1 and read[0].dim() > 1 and len(read[0]) > 1:
            differ = (read[0][1:] != read[0][:-1]).flatten(1).any(1).float().mean()
            self.notes.take("inputs_differ", differ, "", self._line)

    def after_call(self, call: Call) -> None:
        """A loss function's value."""
        found = loss_call(call)
        if found is None or not found.input.requires_grad or found.input.shape[:1] != found.target.shape[:1]:
            return
        self._call, self._value = found, call.result if isinstance(call.result, Tensor) else None
        self.classes = max(self.classes, found.classes)
        self.families |= _families(found, self._read[-1] if self._read else None)

    def before_backward(self, event: Backward) -> None:
        """Is it all that is differentiated?"""
        call, value, self._call, self._value = self._call, self._value, None, None
        whole = call is not None and len(event.roots) == 1 and event.roots[0] is value
        if not whole or call is None or value is None or call.reduction != "mean" or call.weighted or self._told:
            return
        self._targets.append(call.target.detach()[:KEPT])
        if len(self._targets) == 1:
            self.notes.take("first_loss", value.detach())
        if sum(map(len, self._targets)) >= FEWEST and _alike(self._targets):
            constant = best_constant(call, torch.cat(self._targets))
            if constant is not None:
                self.notes.take("constant", constant, "loss", call.line)
            self._told = self.notes.round >= ROUNDS or sum(map(len, self._targets)) > KEPT
        if self._told:
            self._targets.clear()


def best_constant(call: LossCall, targets: Tensor) -> float | None:
    """The mean loss of the best answer that is the same for every item; None where that is not known.

    Shapes: (items, ...) -> a number
    """
    if call.takes in (FROM_LOGITS, LOG_PROBABILITIES):
        if targets.is_floating_point():
            return None
        shares = torch.bincount(targets[targets != call.ignored].flatten()).float()
        return _entropy(shares / shares.sum())
    if call.takes == BINARY_LOGITS or call.call.function is F.binary_cross_entropy:
        share = targets.float().mean(0).clamp(0, 1)
        each = torch.special.entr(share) + torch.special.entr(1 - share)
        return float(each.mean())
    if call.call.function is not F.mse_loss:
        return None
    return float(targets.float().var(0, correction=0).mean())


def _entropy(shares: Tensor) -> float:
    return float(torch.special.entr(shares).sum())


def _alike(targets: list[Tensor]) -> bool:
    return len({one.shape[1:] for one in targets}) == 1


def _families(call: LossCall, read: Tensor | None) -> set[str]:
    """A class for each item makes a classifier; a target that is the input, an autoencoder."""
    target = call.target.detach()
    if call.takes in (FROM_LOGITS, LOG_PROBABILITIES) and call.input.dim() == 2 and target.dim() == 1:
        return {"classifier"} if read is not None and len(read) == len(target) else set()
    if read is not None and read.is_floating_point() and read.numel() == target.numel() and math.prod(read.shape) > 1:
        return {"autoencoder"} if torch.equal(read.flatten(), target.flatten()) else set()
    return set()
