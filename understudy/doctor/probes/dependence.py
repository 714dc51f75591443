"""What of the network's answer depends on what of its input, tried before the first step."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from understudy.doctor.probes.probe import Probe
from understudy.doctor.signals import Reading
from understudy.doctor.structure.dependence import BLIND, foresight, mixing, padded
from understudy.doctor.structure.padding import padding_token
from understudy.doctor.subject import Subject
from understudy.doctor.undisturbed import undisturbed

ITEMS = 16
MOST_NUMBERS = 50_000_000
"""Parameters of a network beyond which it is not tried."""
SHIFTED = 0.95
"""Share of places at which the target must be the next token, for a network to be one that may not look ahead."""


class Dependence(Probe):
    """`mixing`, how far items move each other's outputs; `foresight` and `copied`, of networks that are asked for the
    next token, how far later tokens move earlier outputs, and the share of tokens that are asked for at their own
    place; `padding_moves`, how far more padding moves outputs. All over the size of the outputs.
    """

    yields = ("mixing", "foresight", "copied", "padding_moves")

    def applies(self, subject: Subject) -> bool:
        """Where there is one way through the network."""
        module = subject.module
        size = sum(weight.numel() for weight in module.parameters())
        return subject.batch is not None and type(module).forward is not nn.Module.forward and size <= MOST_NUMBERS

    def at_start(self, subject: Subject) -> Iterable[Reading]:
        """On a few items, in evaluation mode."""
        assert subject.batch is not None
        batch = subject.batch()
        x, y = getattr(batch, "x", None), getattr(batch, "y", None)
        if not isinstance(x, Tensor) or x.dim() < 2 or len(x) < 4:
            return []
        x, y = x[:ITEMS], y[:ITEMS] if isinstance(y, Tensor) else None
        with undisturbed(subject.module, training=False), torch.no_grad():
            return list(_readings(_function(subject.module), x, y))


def _readings(function: Callable[[Tensor], Tensor], x: Tensor, y: Tensor | None) -> Iterable[Reading]:
    said = function(x)
    if len(said) == len(x):
        other, own = mixing(function, x)
        if own > 0:
            yield Reading("mixing", other)
    if x.dim() != 2 or x.is_floating_point():
        return
    if y is not None and x.shape == y.shape == said.shape[:2] and x.shape[1] >= 4:
        shifted, same = ((one == two).float().mean() for one, two in ((x[:, 1:], y[:, :-1]), (x, y)))
        if shifted >= SHIFTED or same >= SHIFTED:
            ahead, own = foresight(function, x)
            yield Reading("foresight", ahead if shifted >= SHIFTED else 0.0)
            yield Reading("copied", same if ahead < BLIND and own > 0 else 0.0)
    padding = padding_token(x)
    if padding is not None:
        yield Reading("padding_moves", padded(function, x, padding))


def _function(module: nn.Module) -> Callable[[Tensor], Tensor]:
    """The network without chance.

    Raises:
        TypeError: it says something else than a tensor.
    """

    def function(x: Tensor) -> Tensor:
        torch.manual_seed(0)
        said = module(x)
        while isinstance(said, tuple | list) and said:
            said = said[0]
        if not isinstance(said, Tensor):
            raise TypeError(f"the network returns {type(said).__name__}, not a tensor")
        return said

    return function
