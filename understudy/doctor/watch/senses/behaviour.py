"""What of the network's answer depends on what of its input, tried once beside the loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from understudy.doctor.structure.dependence import BLIND, foresight, mixing, padded
from understudy.doctor.structure.padding import padding_token
from understudy.doctor.watch.aside import aside, same_chance
from understudy.doctor.watch.lines import Line, their_line
from understudy.doctor.watch.scene import Scene
from understudy.doctor.watch.senses.criteria import LossCall, loss_call
from understudy.doctor.watch.senses.sense import Call, Question, Sense

ROUND = 2
"""After which it is tried."""
MOST_NUMBERS = 50_000_000
"""Parameters of a network beyond which it is not tried."""
ITEMS = 8
"""Of a batch, to see whether one moves another's output."""
SHIFTED = 0.95
"""Share of places at which the target must be the next token, for a network to be one that may not look ahead."""


@dataclass(frozen=True)
class Trial:
    """A call of a network that learns, and what its answer was compared with."""

    asked: Question
    line: Line | None
    target: Tensor


class Behaviour(Sense):
    """Yields `mixing`, how far items move each other's outputs; `foresight`, how far later tokens move the outputs of
    earlier ones, where the next token is asked for; `copied`, the share of tokens that are asked for at their own place
    of a network without foresight; and `padding_moves`, how far more padding moves outputs, where batches are filled up
    to different lengths. All are over the size of the outputs.
    """

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._called: tuple[Question, Line | None] | None = None
        self._trial: Trial | None = None
        self._lengths: dict[int, set[int]] = {}
        self._size = sum(weight.numel() for weight in scene.parameters().values())

    def enters(self, question: Question) -> None:
        """A network is called."""
        if torch.is_grad_enabled() and question.module.training and self._size <= MOST_NUMBERS:
            self._called = question, their_line()
            for place, one in enumerate(question.args):
                if isinstance(one, Tensor) and one.dim() == 2 and not one.is_floating_point():
                    self._lengths.setdefault(place, set()).add(one.shape[1])

    def before_call(self, call: Call) -> None:
        """Its answer is compared."""
        found = loss_call(call)
        if found is not None and self._called is not None and found.input.requires_grad:
            question, line = self._called
            self._trial = Trial(question, line, _as_given(found, question.args))

    def before_step(self, player: str) -> None:
        """The batch is forgotten soon."""
        self._called = None

    def round_ends(self) -> None:
        """Try it, aside."""
        trial, self._trial = self._trial, None
        if trial is None or self.notes.round < ROUND:
            return
        with aside(trial.asked.module):
            if self.notes.round == ROUND:
                self._try_mixing(trial)
                self._try_foresight(trial)
            self._try_padding(trial)

    def _take(self, name: str, value: float, trial: Trial) -> None:
        self.notes.take(name, value, trial.asked.network, trial.line)

    def _try_mixing(self, trial: Trial) -> None:
        x, tensors = trial.asked.args[0] if trial.asked.args else None, trial.asked.tensors
        if not isinstance(x, Tensor) or len(tensors) > 1 or x.dim() < 2 or len(x) < 4:
            return
        function = _function(trial, 0)
        single = len(self.scene.optimizers) == 1  # a critic may compare items on purpose
        if not single or len(trial.target) != len(x) or _time_first(x, trial.target):
            return
        x = _few(function, x)
        if len(function(x)) != len(x):
            return
        if _remembers(function, x):  # what it keeps between calls would be taken for other items
            return
        other, own = mixing(function, x)
        if own > 0:
            self._take("mixing", other, trial)

    def _try_foresight(self, trial: Trial) -> None:
        y = trial.target
        for place, x in enumerate(trial.asked.args):
            if not isinstance(x, Tensor) or x.is_floating_point() or x.shape != y.shape or x.dim() != 2:
                continue
            shifted, same = _share(x[:, 1:], y[:, :-1]), _share(x, y)
            if x.shape[1] < 4 or len(x) < 2 or max(shifted, same) < SHIFTED:
                continue
            function = _by_time(_function(trial, place), x)
            ahead, own = foresight(function, x) if function is not None else (0.0, 0.0)
            if own > 0 and shifted >= SHIFTED:
                self._take("foresight", ahead, trial)
            if own > 0:
                self._take("copied", same if ahead < BLIND else 0.0, trial)

    def _try_padding(self, trial: Trial) -> None:
        for place, x in enumerate(trial.asked.args):
            if not isinstance(x, Tensor) or len(self._lengths.get(place, ())) < 2 or x.dim() != 2:
                continue
            padding = padding_token(x)
            if padding is not None and not _equal(x, trial.target):
                self._take("padding_moves", padded(_function(trial, place), x, padding), trial)


def _few(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Some items, as the network is called eight times; all of them where it knows the size of its batches by heart."""
    try:
        function(x[:ITEMS])
    except (RuntimeError, ValueError, IndexError):  # it may well fail at a batch that its user never gives it
        return x
    return x[:ITEMS]


def _remembers(function: Callable[[Tensor], Tensor], x: Tensor) -> bool:
    """Whether an answer depends on what was asked before."""
    first, _, again = function(x), function(x.flip(0)), function(x)
    return not torch.allclose(first, again)


def _function(trial: Trial, place: int) -> Callable[[Tensor], Tensor]:
    """The network as a function of one of its arguments, without chance."""
    asked = trial.asked

    def function(x: Tensor) -> Tensor:
        same_chance()
        args = (*asked.args[:place], x, *asked.args[place + 1 :])
        return first_tensor(asked.module(*args, **asked.kwargs))

    return function


def first_tensor(output: Any) -> Tensor:
    """The answer itself, where a network gives more than one thing.

    Raises:
        TypeError: there is none.
    """
    while isinstance(output, tuple | list) and output:
        output = output[0]
    if not isinstance(output, Tensor):
        raise TypeError(f"the network returns {type(output).__name__}, not a tensor")
    return output


def _by_time(function: Callable[[Tensor], Tensor], like: Tensor) -> Callable[[Tensor], Tensor] | None:
    """The same with an output of (batch, time, ...), though it may come flattened, or with time last; else None."""
    shape, said = tuple(like.shape), function(like).shape
    if said[:2] == shape:
        return function
    if said[:1] == (like.numel(),):
        return lambda x: function(x).unflatten(0, shape)
    if len(said) == 3 and (said[0], said[2]) == shape:
        return lambda x: function(x).movedim(1, 2)
    return None


def _as_given(call: LossCall, args: Sequence[Any]) -> Tensor:
    """The target, in the shape of an input that has as many numbers though it may be flattened."""
    target = call.target.detach()
    if target.dim() == 1:
        for one in args:
            if isinstance(one, Tensor) and one.dim() == 2 and one.numel() == len(target) and len(one) > 1:
                return target.view(one.shape)
    return target


def _time_first(x: Tensor, target: Tensor) -> bool:
    """Whether the first axis may be time: the target is the next item along it."""
    if x.shape[:2] != target.shape[:2] or x.shape != target.shape:
        return False
    return _share(x[1:], target[:-1]) >= SHIFTED


def _share(first: Tensor, second: Tensor) -> float:
    return (first == second).float().mean().item()


def _equal(first: Tensor, second: Tensor) -> bool:
    return first.shape == second.shape and torch.equal(first, second)
