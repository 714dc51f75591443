"""How far back does a recurrent layer's gradient reach?"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from understudy.doctor.probes.first_loss import inputs
from understudy.doctor.probes.probe import Probe
from understudy.doctor.signals import Reading
from understudy.doctor.subject import Subject
from understudy.doctor.undisturbed import undisturbed
from understudy.evaluation.jacobians import readings
from understudy.layers.recurrent import RecurrentLayer
from understudy.models.capabilities import Remembers

STEPS = 40
"""Steps that the gradient is followed back, at most."""
LEAST = 6
ITEMS = 4
DIRECTIONS = 4


class Memory(Probe):
    """`memory_decay`: nats that the gradient of a layer's last output to its inputs loses with each step back.

    The slope of a line through the logarithm of its norm; below 0 the gradient grows. `memory_lost`: that over all the
    steps that were followed, 40 at most.

    Reference: Pascanu et al., 2013, arXiv:1211.5063, section 2.
    """

    yields = ("memory_decay", "memory_lost")

    def applies(self, subject: Subject) -> bool:
        """Networks with a recurrent core."""
        return isinstance(subject.module, Remembers) and subject.held_out is not None

    def at_validation(self, subject: Subject) -> Iterable[Reading]:
        """A few held-out items, each layer by itself."""
        network, x = subject.module, inputs(subject.held_out and subject.held_out())
        if x is None or not isinstance(network, Remembers):
            return []
        decays: dict[str, list[Tensor]] = {}
        steps: dict[str, int] = {}
        with undisturbed(network, training=False):
            for item in x[:ITEMS].split(1):
                with torch.no_grad():
                    found = readings(network, lambda item=item: network.recurrence(item))  # type: ignore[misc]
                for name, (layer, read) in found.items():
                    if read.shape[1] > LEAST:
                        decays.setdefault(name, []).append(decay(layer, read))
                        steps[name] = min(STEPS, read.shape[1] - 1)
        means = {name: torch.stack(found).mean() for name, found in decays.items()}
        return [
            reading
            for name, mean in means.items()
            for reading in (
                Reading("memory_decay", mean, name),
                Reading("memory_lost", mean * steps[name], name),
            )
        ]


def decay(layer: RecurrentLayer, read: Tensor) -> Tensor:
    """Nats lost with each step back: (1, time, inputs) -> scalar."""
    x = read.detach()[:, -STEPS - 1 :].repeat(DIRECTIONS, 1, 1).requires_grad_()  # all at once: a quarter of the time
    memories = 2 if layer.cell == "lstm" else 1
    hidden: int = layer.inner.hidden_size  # type: ignore[assignment]
    with torch.enable_grad():
        y, _ = layer(x, tuple(x.new_zeros(DIRECTIONS, hidden) for _ in range(memories)))
        directions = torch.randn(DIRECTIONS, hidden, device=x.device)
        gradient = torch.autograd.grad((y[:, -1] * directions).sum(), x)[0]
    length: Tensor = gradient.norm(dim=2).square().mean(0).sqrt()  # (time,)
    back = torch.arange(len(length), device=x.device).flip(0).float()
    logs = length.clamp_min(torch.finfo(length.dtype).tiny).log()
    centred = back - back.mean()
    return -(centred * (logs - logs.mean())).sum() / centred.square().sum()
