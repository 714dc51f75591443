"""What loss functions are given: probabilities for logits, targets out of reach, shapes that do not match, padding."""

from __future__ import annotations

from functools import partial
from typing import Any

from torch import Tensor

from understudy.doctor.structure.graph import origin
from understudy.doctor.structure.padding import end_token, padding_token
from understudy.doctor.watch.lines import Line
from understudy.doctor.watch.scene import Scene
from understudy.doctor.watch.senses.criteria import (
    BINARY_LOGITS,
    FROM_LOGITS,
    LOG_PROBABILITIES,
    PROBABILITIES,
    LossCall,
    are_probabilities,
    broadcast,
    by_theory,
    log_sum,
    loss_call,
    reach,
)
from understudy.doctor.watch.senses.sense import Call, Pass, Sense

DIFFERENCES = {"sub", "__sub__", "__rsub__", "rsub", "subtract"}


class LossInputs(Sense):
    """Yields of each call of a loss function, by its place `file:line`:

    `softmax_twice`, `sigmoid_twice`: 1 where the logits were made by one already, else 0.
    `not_probabilities`: share of the values outside [0, 1] where they must be probabilities; `not_log_probabilities`:
    nats by which log-probabilities miss summing to 1.
    `target_outside`: share of targets beyond `target_floor` and `target_ceiling`; `target_low`, `target_high`.
    `loss_broadcast`: pairs compared for each number.
    `initial_loss`, `initial_error`: the first loss over that of knowing nothing, of classes and of numbers.
    `padding_gradient`: share of the gradient's norm that comes from what fills sentences up.
    """

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._first: set[str] = set()
        self._rows: tuple[int, int] = (0, 0)
        self._buffers = {id(one) for module in scene.modules.values() for one in module.buffers()}
        self._examine = {
            FROM_LOGITS: self._logits, BINARY_LOGITS: self._binary_logits,
            PROBABILITIES: self._probabilities, LOG_PROBABILITIES: self._log_probabilities,
        }  # fmt: skip

    def passed(self, event: Pass) -> None:
        """Remember how many rows and steps the newest sequence has: a target may be flattened."""
        if isinstance(event.output, Tensor) and event.output.dim() == 3:
            self._rows = (event.output.shape[0], event.output.shape[1])

    def before_call(self, call: Call) -> None:
        """Look at what the loss is given, before it refuses it."""
        if call.name in DIFFERENCES:
            self._difference(call)
        found = loss_call(call)
        if found is None:
            return
        place = str(found.line)
        self._take("loss_broadcast", broadcast(found.input, found.target) if self._alike(found) else 1.0, found)
        if (examine := self._examine.get(found.takes)) is not None:
            examine(found)
        self._reach(found)
        if found.takes in (FROM_LOGITS, LOG_PROBABILITIES) and not found.target.is_floating_point():
            self._padding(found, place)

    def after_call(self, call: Call) -> None:
        """The first loss of each line, beside what it should be."""
        found = loss_call(call)
        if found is None or str(found.line) in self._first or not found.input.requires_grad:
            return
        if isinstance(call.result, Tensor) and call.result.numel() == 1:
            self._first.add(str(found.line))
            ratio = by_theory(found, call.result.item())
            if ratio is not None:
                self._take("initial_loss" if found.classes else "initial_error", ratio, found)

    def _take(self, name: str, value: float, call: LossCall) -> None:
        self.notes.take(name, value, str(call.line), call.line)

    @staticmethod
    def _alike(call: LossCall) -> bool:
        """Classes have a target of another shape by nature."""
        return call.takes not in (FROM_LOGITS, LOG_PROBABILITIES)

    def _logits(self, call: LossCall) -> None:
        self._take("softmax_twice", are_probabilities(call), call)

    def _binary_logits(self, call: LossCall) -> None:
        self._take("sigmoid_twice", origin(call.input) == "Sigmoid", call)

    def _probabilities(self, call: LossCall) -> None:
        values = call.input.detach()
        self._take("not_probabilities", ((values < 0) | (values > 1)).float().mean().item(), call)

    def _log_probabilities(self, call: LossCall) -> None:
        self._take("not_log_probabilities", log_sum(call), call)

    def _reach(self, call: LossCall) -> None:
        ends = reach(call)
        if ends is None or not call.target.numel():
            return
        target = call.target.detach().float()
        self._take("target_outside", ((target < ends[0]) | (target > ends[1])).float().mean().item(), call)
        for name, value in zip(("floor", "ceiling"), ends, strict=True):
            self._take(f"target_{name}", value, call)
        self._take("target_low", target.min().item(), call)
        self._take("target_high", target.max().item(), call)

    def _difference(self, call: Call) -> None:
        """(N, 1) of the network less (N,) of the data, by hand, is (N, N)."""
        pair = [call.argument(0, "input"), call.argument(1, "other")]
        if not all(isinstance(one, Tensor) for one in pair):
            return
        said = [one for one in pair if one.grad_fn is not None]
        given = [one for one in pair if not one.requires_grad and id(one) not in self._buffers]
        if len(said) != 1 or len(given) != 1:
            return
        shapes = {tuple(one.shape) for one in pair}
        count = max(max(shape, default=0) for shape in shapes)
        if count > 1 and shapes == {(count, 1), (count,)}:
            self.notes.take("loss_broadcast", count, str(call.line), call.line)

    def _padding(self, call: LossCall, place: str) -> None:
        """Hear what gradient the logits get at the places that fill sentences up."""
        rows = self._sentences(call.target)
        padding = None if rows is None else padding_token(rows)
        if rows is None or padding is None or end_token(rows, padding) is None:
            return
        if padding == call.ignored:
            self._take("padding_gradient", 0.0, call)
        elif call.input.requires_grad:
            where = call.target.detach() == padding
            call.input.register_hook(partial(self._heard, where, place, call.line))

    def _sentences(self, target: Tensor) -> Tensor | None:
        """The target as (batch, time), though it may be flattened."""
        if target.dim() == 2:
            return target.detach()
        base: Any = target._base
        if isinstance(base, Tensor) and base.dim() == 2 and base.numel() == target.numel():
            return base.detach()
        if target.dim() == 1 and self._rows[0] > 1 and self._rows[0] * self._rows[1] == len(target):
            return target.detach().view(self._rows)
        return None

    def _heard(self, where: Tensor, place: str, line: Line | None, gradient: Tensor) -> None:
        squares = gradient.detach().square()
        squares = squares.sum(1) if squares.dim() > 1 else squares  # over classes, wherever time is
        total = squares.sum().item()
        self.notes.take("padding_gradient", squares[where].sum().item() / total if total else 0.0, place, line)
