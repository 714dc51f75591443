"""What is the loss before anything is learnt, and how large are the inputs?"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from understudy.doctor.probes.probe import Probe
from understudy.doctor.signals import Reading
from understudy.doctor.subject import Subject
from understudy.doctor.undisturbed import undisturbed


class FirstLoss(Probe):
    """`first_loss` of each player, and `input_rms`, `input_mean` of inputs that are measured, not counted.

    `inputs_differ`: the share of items that are not the same as the one before.
    """

    yields = ("first_loss", "input_rms", "input_mean", "inputs_differ")

    def applies(self, subject: Subject) -> bool:
        """Where there is a batch."""
        return subject.batch is not None

    def at_start(self, subject: Subject) -> Iterable[Reading]:
        """On the first training batch, in training mode."""
        assert subject.batch is not None
        batch = subject.batch()
        x = inputs(batch)
        readings = []
        if x is not None and x.is_floating_point():
            readings = [Reading("input_rms", x.square().mean().sqrt()), Reading("input_mean", x.mean())]
        if x is not None and len(x) > 1:
            readings.append(Reading("inputs_differ", (x[1:] != x[:-1]).flatten(1).any(1).float().mean()))
        if subject.loss is not None:
            for player in subject.players:
                with undisturbed(subject.module, training=True), torch.enable_grad():
                    readings.append(Reading("first_loss", subject.loss(player, batch).detach(), player))
        return readings


def inputs(batch: object) -> Tensor | None:
    """What goes into the network: a batch's `x`, a tensor, or the first tensor of a tuple."""
    found = getattr(batch, "x", batch)
    if isinstance(found, (tuple, list)) and found:
        found = found[0]
    return found if isinstance(found, Tensor) else None
