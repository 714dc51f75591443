"""Are the fakes as different from each other as real items are?"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from understudy.doctor.probes.first_loss import inputs
from understudy.doctor.probes.probe import Probe
from understudy.doctor.signals import Reading
from understudy.doctor.subject import Subject
from understudy.doctor.undisturbed import undisturbed
from understudy.models.capabilities import Samples

COUNT = 128
SEED = 0


class Generated(Probe):
    """`fake_spread`: the mean distance between two fakes over that between two real held-out items."""

    yields = ("fake_spread",)

    def applies(self, subject: Subject) -> bool:
        """Networks that learn against another player."""
        network = subject.judged or subject.module
        return "gan" in subject.facts.families and isinstance(network, Samples) and subject.held_out is not None

    def at_validation(self, subject: Subject) -> Iterable[Reading]:
        """The same noise each time, so that what changes is the generator."""
        network, x = subject.judged or subject.module, inputs(subject.held_out and subject.held_out())
        if x is None or len(x) < 2 or not isinstance(network, Samples):
            return []
        with undisturbed(network, training=False), torch.no_grad():
            fakes = network.sample(COUNT, torch.Generator().manual_seed(SEED))
        return [Reading("fake_spread", spread(fakes) / spread(x[:COUNT]).clamp_min(1e-12))]


def spread(x: Tensor) -> Tensor:
    """Mean distance between two different items: (count, ...) -> scalar."""
    rows = x.flatten(1).float()
    count = len(rows)
    return torch.cdist(rows, rows).sum() / max(1, count * (count - 1))
