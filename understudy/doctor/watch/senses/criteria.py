"""What a loss function is given: a call of one that torch has, and what fits it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from understudy.doctor.structure.graph import origin
from understudy.doctor.watch.lines import Line
from understudy.doctor.watch.senses.sense import Call

FROM_LOGITS, LOG_PROBABILITIES, PROBABILITIES, BINARY_LOGITS, VALUES = (
    "logits", "log-probabilities", "probabilities", "binary logits", "values",
)  # fmt: skip
TAKES: dict[Any, str] = {
    F.cross_entropy: FROM_LOGITS,
    F.nll_loss: LOG_PROBABILITIES,
    F.binary_cross_entropy: PROBABILITIES,
    F.binary_cross_entropy_with_logits: BINARY_LOGITS,
    F.mse_loss: VALUES,
    F.l1_loss: VALUES,
    F.smooth_l1_loss: VALUES,
    F.huber_loss: VALUES,
}
"""What the first argument of a loss function is."""
CLASSES: dict[type[nn.Module], Any] = {
    nn.CrossEntropyLoss: F.cross_entropy,
    nn.NLLLoss: F.nll_loss,
    nn.BCELoss: F.binary_cross_entropy,
    nn.BCEWithLogitsLoss: F.binary_cross_entropy_with_logits,
    nn.MSELoss: F.mse_loss,
    nn.L1Loss: F.l1_loss,
    nn.SmoothL1Loss: F.smooth_l1_loss,
    nn.HuberLoss: F.huber_loss,
}
"""The function that a loss's class calls."""
REDUCTION = {
    F.cross_entropy: 6, F.nll_loss: 6, F.huber_loss: 2,
    F.binary_cross_entropy: 5, F.binary_cross_entropy_with_logits: 5,
}  # fmt: skip
"""The place of the reduction among the arguments; else 4."""
REACH: dict[str, tuple[float, float]] = {
    "Sigmoid": (0.0, 1.0), "Softmax": (0.0, 1.0), "Tanh": (-1.0, 1.0), "Relu": (0.0, math.inf),
}  # fmt: skip
"""What can come out of an activation."""
SOFT_LABELS = 0.3
"""How far beyond 0 and 1 labels may be blurred on purpose, as in GANs (Salimans et al., 2016, section 3.4)."""


@dataclass(frozen=True)
class LossCall:
    """A call of a loss function that is known.

    Attributes:
        takes: what its first argument is, one of `TAKES`.
    """

    takes: str
    input: Tensor
    target: Tensor
    call: Call

    @property
    def line(self) -> Line | None:
        """Where it is called."""
        return self.call.line

    @property
    def ignored(self) -> int:
        """The class that does not count."""
        return int(self.call.argument(4, "ignore_index", -100))

    @property
    def weighted(self) -> bool:
        """Whether classes have weights."""
        of_ones = self.call.argument(6, "pos_weight") if self.takes == BINARY_LOGITS else None
        return self.call.argument(2, "weight") is not None or of_ones is not None

    @property
    def reduction(self) -> str:
        """`mean`, `sum` or `none`."""
        return str(self.call.argument(REDUCTION.get(self.call.function, 4), "reduction", "mean"))

    @property
    def classes(self) -> int:
        """Classes to choose from; 0 where there are none."""
        if self.takes in (FROM_LOGITS, LOG_PROBABILITIES):
            return self.input.shape[1 if self.input.dim() > 1 else 0]
        return 2 if self.takes in (BINARY_LOGITS, PROBABILITIES) else 0


def loss_call(call: Call) -> LossCall | None:
    """The call as one of a loss function; None where it is none that is known."""
    takes = TAKES.get(call.function)
    given, target = call.argument(0, "input"), call.argument(1, "target")
    if takes is None or not isinstance(given, Tensor) or not isinstance(target, Tensor):
        return None
    return LossCall(takes, given, target, call)


def heard(loss: Any) -> Any:
    """The function by whose calls a loss is known; None for one that torch does not have."""
    function = CLASSES.get(type(loss), loss)
    return function if function in TAKES.keys() else None  # noqa: SIM118


def are_probabilities(call: LossCall) -> bool:
    """Whether the first argument's values are those of a distribution over classes, where logits are due."""
    rows = call.input.detach()
    if origin(call.input) == "Softmax":
        return True
    if rows.dim() < 2 or rows.shape[1] < 2 or not rows.is_floating_point():
        return False
    return bool((rows >= 0).all() and ((rows.sum(1) - 1).abs() < 1e-3).all())


def log_sum(call: LossCall) -> float:
    """How far exp of the first argument is from summing to 1, in nats: 0 for log-probabilities."""
    rows = call.input.detach().float()
    return rows.logsumexp(1 if rows.dim() > 1 else 0).abs().mean().item()


def reach(call: LossCall) -> tuple[float, float] | None:
    """Between which values the target must be: what the loss is defined on, or what the last activation can say."""
    if call.takes in (BINARY_LOGITS, PROBABILITIES):
        return -SOFT_LABELS, 1 + SOFT_LABELS
    if call.takes != VALUES or (ends := REACH.get(origin(call.input))) is None:
        return None
    spread = call.target.detach().float().std().item() if call.target.numel() > 1 else 0.0
    margin = 0.05 * (spread if math.isinf(ends[1]) else ends[1] - ends[0])
    return ends[0] - margin, ends[1] + margin


def broadcast(first: Tensor, second: Tensor) -> float:
    """How many pairs of numbers are compared for each number of the larger one."""
    if first.shape == second.shape or not first.numel() or not second.numel():
        return 1.0
    pairs: int = math.prod(torch.broadcast_shapes(first.shape, second.shape))
    return pairs / max(first.numel(), second.numel())


def by_theory(call: LossCall, value: float) -> float | None:
    """The loss over that of a network that knows nothing: ln C for C classes, the mean square of a target.

    None where the loss is neither a mean nor a sum, or has weights.
    """
    if call.reduction == "none" or (call.takes != VALUES and call.weighted):
        return None
    counted = call.target.numel()
    if call.takes in (FROM_LOGITS, LOG_PROBABILITIES) and not call.target.is_floating_point():
        counted = int((call.target != call.ignored).sum())
    mean = value / max(1, counted) if call.reduction == "sum" else value
    if call.classes > 1:
        return mean / math.log(call.classes)
    if call.call.function is not F.mse_loss:
        return None
    return mean / max(call.target.detach().float().square().mean().item(), 1e-12)
