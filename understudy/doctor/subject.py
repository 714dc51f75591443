"""What probes look at: a network in training, whoever trains it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer

from understudy.doctor.facts import Facts


@dataclass(frozen=True)
class Player:
    """One who learns.

    Attributes:
        module: its layers.
        optimizers: those that move its parameters, in a user's own loop possibly none.
    """

    module: nn.Module
    optimizers: tuple[Optimizer, ...] = ()


@dataclass(frozen=True)
class Subject:
    """What probes may look at; they leave weights, buffers, gradients and randomness as they were.

    Attributes:
        module: the whole network.
        players: by name; one with an empty name unless there are several.
        batch: some training items as the loss takes them, or None where they cannot be had.
        held_out: the same of the validation split.
        loss: a player's loss on a batch, in the network's present mode; None where it is not known.
        again: the last move's loss on its batch before and after the step, with the same noise; None where it cannot
            be had.
        judged: the network whose validation and scores count, such as a moving average; unset: `module`.
        frozen: parameters that are meant to stay as they are.
    """

    module: nn.Module
    players: Mapping[str, Player]
    facts: Facts
    batch: Callable[[], Any] | None = None
    held_out: Callable[[], Any] | None = None
    loss: Callable[[str, Any], Tensor] | None = None
    again: Callable[[], tuple[Tensor, Tensor] | None] | None = None
    judged: nn.Module | None = None
    frozen: frozenset[str] = frozenset()
