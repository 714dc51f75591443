"""What probes look at: a network in training, whoever trains it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from torch import Tensor, nn
from torch.optim import Optimizer

from understudy.doctor.facts import Facts


class Repeats(Protocol):
    """A step whose loss can be taken again."""

    def prepare(self) -> None:
        """Before the step: take note of what its noise comes from."""
        ...

    def again(self) -> tuple[Tensor, Tensor] | None:
        """The loss before and after the step, on its batch, with its noise; None where it had several moves."""
        ...


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
class Part:
    """Items of a split.

    Shapes:
        items: (items, ...), as a network sees them.
        classes: (items,), or None where they have none.
    """

    items: Tensor
    classes: Tensor | None = None


@dataclass(frozen=True)
class Subject:
    """What probes may look at; they leave weights, buffers, gradients and randomness as they were.

    Attributes:
        module: the whole network.
        players: by name; one with an empty name unless there are several.
        batch: some training items as the loss takes them, or None where they cannot be had.
        batches: several of them, to take a mean over.
        held_out: some items of the validation split.
        validate: terms of a batch in the network's present mode, as a look at the validation split has them.
        loss: a player's loss on a batch, in the network's present mode; None where it is not known.
        last: the last move, to be looked at again; None where that cannot be done.
        judged: the network whose validation and scores count, such as a moving average; unset: `module`.
        frozen: parameters that are meant to stay as they are.
        parts: `training`, `validation` and `test`, where items were shared out by chance: at most so many, evenly
            spread.
    """

    module: nn.Module
    players: Mapping[str, Player]
    facts: Facts
    batch: Callable[[], Any] | None = None
    batches: Callable[[], Sequence[Any]] | None = None
    held_out: Callable[[], Any] | None = None
    validate: Callable[[Any], Mapping[str, Tensor]] | None = None
    loss: Callable[[str, Any], Tensor] | None = None
    last: Repeats | None = None
    judged: nn.Module | None = None
    frozen: frozenset[str] = frozenset()
    parts: Mapping[str, Callable[[int], Part]] = field(default_factory=dict)
