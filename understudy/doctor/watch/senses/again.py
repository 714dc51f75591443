"""The newest step's loss, taken again: after the step on the same batch with the same noise, or in evaluation mode."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from understudy.doctor.undisturbed import Snapshot
from understudy.doctor.watch.aside import aside
from understudy.doctor.watch.scene import Scene
from understudy.doctor.watch.senses.behaviour import first_tensor
from understudy.doctor.watch.senses.criteria import LossCall, loss_call
from understudy.doctor.watch.senses.sense import Backward, Call, Question, Sense


@dataclass
class Chain:
    """A network's answer, the loss function that it went to, and what came out, where that is all of the step.

    Attributes:
        loss: None until a loss function was given the answer as it is, or in another shape.
        whole: whether that is what was differentiated.
    """

    asked: Question
    before: Snapshot | None
    chance: tuple[Any, Any]
    output: Tensor | None = None
    loss: LossCall | None = None
    value: Tensor | None = None
    whole: bool = False


class Again(Sense):
    """What `Subject.last` is in a loop of the user's own.

    It can take a loss again if it comes from a function that torch has, straight from the network's answer.
    """

    sampled: ClassVar[bool] = True

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._wanted = False
        self._calls = 0
        self.chain: Chain | None = None

    def prepare(self) -> None:
        """From the next call of the network on."""
        self._wanted, self.chain = True, None

    def enters(self, question: Question) -> None:
        """Keep what the network is given, and what its noise comes from."""
        if not torch.is_grad_enabled() or not question.module.training:
            return
        self._calls += 1
        before = Snapshot(question.module) if self._wanted else None
        self.chain = Chain(question, before, (random.getstate(), np.random.get_state()))

    def answers(self, network: str, output: Any) -> None:
        """Keep the answer."""
        if self.chain is not None and self.chain.asked.network == network and torch.is_grad_enabled():
            self.chain.output = first_tensor(output) if isinstance(output, Tensor | tuple | list) else None

    def before_call(self, call: Call) -> None:
        """Is the answer what the loss is given?"""
        found, chain = loss_call(call), self.chain
        if found is None or chain is None or chain.output is None or chain.loss is not None:
            return
        if _reshaped(chain.output, found.input):
            chain.loss = found

    def after_call(self, call: Call) -> None:
        """What came out."""
        if self.chain is not None and self.chain.loss is not None and self.chain.value is None:
            mine = call.function is self.chain.loss.call.function and isinstance(call.result, Tensor)
            self.chain.value = call.result if mine else None

    def before_backward(self, event: Backward) -> None:
        """Is it what is differentiated?"""
        chain = self.chain
        if chain is not None and chain.value is not None:
            chain.whole = len(event.roots) == 1 and event.roots[0] is chain.value and self._calls == 1
            chain.value = chain.value.detach()
            chain.output = None

    def after_step(self, player: str) -> None:
        """The next step begins."""
        self._calls = 0

    def again(self) -> tuple[Tensor, Tensor] | None:
        """The loss before and after the step, on its batch, with its noise; None where it cannot be had."""
        chain, self._wanted = self.chain, False
        if chain is None or not chain.whole or chain.before is None or chain.value is None:
            return None
        now = Snapshot(chain.asked.module)
        others = random.getstate(), np.random.get_state()
        try:
            chain.before.restore()
            random.setstate(chain.chance[0])
            np.random.set_state(chain.chance[1])
            with torch.no_grad():
                return chain.value, _loss(chain)
        finally:
            now.restore()
            random.setstate(others[0])
            np.random.set_state(others[1])

    def in_evaluation(self) -> Tensor | None:
        """The loss of the newest batch, in evaluation mode; None where it cannot be had."""
        if self.chain is None or not self.chain.whole:
            return None
        with aside(self.chain.asked.module):
            return _loss(self.chain)


def _loss(chain: Chain) -> Tensor:
    assert chain.loss is not None
    call = chain.loss.call
    output = first_tensor(chain.asked.module(*chain.asked.args, **chain.asked.kwargs))
    given = output.reshape(chain.loss.input.shape)
    args, kwargs = ((given, *call.args[1:]), call.kwargs) if call.args else ((), {**call.kwargs, "input": given})
    found: Tensor = call.function(*args, **kwargs)
    return found


def _reshaped(output: Tensor, given: Tensor) -> bool:
    """Whether a loss is given the network's answer, though perhaps in another shape."""
    if output is given:
        return True
    if output.numel() != given.numel() or output.dtype != given.dtype:
        return False
    return torch.equal(output.detach().reshape(given.shape), given.detach())
