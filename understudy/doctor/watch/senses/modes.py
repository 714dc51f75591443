"""Is the network in evaluation mode when it is judged, and in training mode when it learns?"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import torch
from torch import Tensor, nn

from understudy.doctor.watch.lines import Line, their_line
from understudy.doctor.watch.scene import Scene
from understudy.doctor.watch.senses.criteria import TAKES
from understudy.doctor.watch.senses.sense import Call, Question, Sense

MOODY = (
    nn.modules.dropout._DropoutNd,
    nn.modules.batchnorm._BatchNorm,
)  # fmt: skip
"""Layers that do one thing in training and another in evaluation."""
CHOICES = {"argmax", "max", "topk", "round", "gt", "ge", "__gt__", "__ge__"}
EQUALITIES = {"eq", "__eq__"}
LISTENS = 16
"""Times that calls are heard to find out what a network in training mode is asked for."""


class Modes(Sense):
    """Yields `judged_in_training`: 1 where a loss or a share of right answers was computed without gradient by a
    network in training mode, 0 where it was in evaluation mode; and `trained_in_evaluation`, at each change, 1 where a
    network that was in training mode before makes steps in evaluation mode. Only of networks with layers to which it
    matters.

    Args:
        listen: makes calls heard until the next step.
    """

    always: ClassVar[bool] = True

    def __init__(self, scene: Scene, listen: Callable[[], None]) -> None:
        super().__init__(scene)
        self._listen = listen
        self._listened = 0
        self._moody: dict[str, bool] = {}
        self._asked: tuple[str, Line | None] | None = None
        self._chosen: set[int] = set()
        self._learning: dict[str, bool] = {}
        self._was_training: set[str] = set()
        self._told: dict[str, tuple[int, int]] = {}

    def enters(self, question: Question) -> None:
        """A network is called: to learn, or to be judged?"""
        network, module = question.network, question.module
        if network not in self._moody:
            self._moody[network] = any(isinstance(part, MOODY) and _matters(part) for part in module.modules())
        if not self._moody[network]:
            return
        if torch.is_grad_enabled():
            self._learning[network] = module.training
            if module.training:
                self._was_training.add(network)
            self._asked = None
        elif not module.training:
            self._tell("judged_in_training", network, 0)
        elif self._listened < LISTENS:
            self._listened += 1
            self._asked = (network, their_line())
            self._listen()

    def before_call(self, call: Call) -> None:
        """Without gradient, after such a pass: is it compared with the truth?"""
        if self._asked is None or torch.is_grad_enabled():
            return
        judged = call.function in TAKES or (
            call.name in EQUALITIES
            and any(id(one) in self._chosen for one in call.args)
            and all(isinstance(one, Tensor) for one in call.args)
        )
        if judged:
            network, line = self._asked
            self._asked = None
            self._chosen.clear()
            self._tell("judged_in_training", network, 1, line)

    def after_call(self, call: Call) -> None:
        """Remember what was chosen."""
        if self._asked is not None and call.name in CHOICES and not torch.is_grad_enabled():
            results = call.result if isinstance(call.result, tuple) else (call.result,)
            self._kept = results  # so that no other tensor takes their identity
            self._chosen.update(id(one) for one in results)

    def before_step(self, player: str) -> None:
        """In which mode was it learnt?"""
        for network, training in self._learning.items():
            if network in self._was_training:
                self._tell("trained_in_evaluation", network, int(not training))
        self._learning.clear()
        self._asked = None

    def _tell(self, name: str, network: str, value: int, line: Line | None = None) -> None:
        """Three readings of the same say enough."""
        key = f"{name} {network}"
        before, times = self._told.get(key, (-1, 0))
        times = times + 1 if value == before else 1
        self._told[key] = value, times
        if times <= 3:
            self.notes.take(name, value, network, line or (their_line() if value else None))


def _matters(part: nn.Module) -> bool:
    if isinstance(part, nn.modules.dropout._DropoutNd):
        return part.p > 0
    return bool(getattr(part, "track_running_stats", False))
