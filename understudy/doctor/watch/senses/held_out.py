"""How good is the network on held-out items, as the user's own loop finds when it looks?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import torch
from torch import Tensor

from understudy.doctor.watch.scene import Scene
from understudy.doctor.watch.senses.again import Again
from understudy.doctor.watch.senses.criteria import loss_call
from understudy.doctor.watch.senses.sense import Backward, Call, Question, Sense

BATCHES = 4
"""Batches of each evaluation that are heard; the same ones each time, as held-out items are seldom shuffled."""

OFTEN = 4


class HeldOut(Sense):
    """Yields `validation/loss` at each evaluation, where it is the training loss's function, and `fitted/loss` beside
    it: that of the newest training batch, in evaluation mode too.

    An evaluation is what a network does in evaluation mode without gradient, up to the next backward pass.

    Args:
        listen: makes calls heard until the next step.
        meant: the function that is minimised, where the user says so.
    """

    always: ClassVar[bool] = True

    def __init__(self, scene: Scene, listen: Callable[[], None], again: Again, meant: Any = None) -> None:
        super().__init__(scene)
        self._listen, self._again = listen, again
        self._meant, self._functions = meant, {meant} - {None}
        self._learning: set[str] = set()
        self._heard = self._evaluations = 0
        self._losses: list[Tensor] = []

    def enters(self, question: Question) -> None:
        """The first batches of an evaluation are listened to, unless there is one at nearly every step."""
        if torch.is_grad_enabled() or question.module.training:
            self._learning.add(question.network)
            return
        often = self._evaluations > OFTEN and self._evaluations > self.notes.round / OFTEN
        if question.network in self._learning and not often:
            self._evaluations += self._heard == 0
            self._heard += 1
            if self._heard <= BATCHES:
                self._listen()

    def after_call(self, call: Call) -> None:
        """A loss, for training or for evaluation."""
        found = loss_call(call)
        if found is None or not isinstance(call.result, Tensor):
            return
        if found.input.requires_grad:
            self._functions |= set() if self._meant else {call.function}
        elif 0 < self._heard <= BATCHES and call.function in self._functions and not torch.is_grad_enabled():
            share = call.result.detach().float()
            self._losses.append(share.mean() / (found.target.numel() if found.reduction == "sum" else 1))

    def before_backward(self, event: Backward) -> None:
        """Training goes on: the evaluation is over."""
        if self._losses:
            self.ends()
        self._heard = 0

    def ends(self) -> None:
        """The evaluation's mean loss."""
        if self._losses:
            self.notes.take("validation/loss", torch.stack(self._losses).mean())
            fitted = self._again.in_evaluation()
            if fitted is not None:
                self.notes.take("fitted/loss", fitted.float().mean())
        self._losses = []
