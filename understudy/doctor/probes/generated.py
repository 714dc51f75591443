"""Are fakes as different from each other as real items, and can the discriminator tell them from real ones?"""

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
from understudy.models.network import Network

COUNT = 128
SEED = 0
TOLD_APART = "discriminator/told_apart"


class Generated(Probe):
    """`fake_spread`: the mean distance between two fakes over that between two real held-out items.

    `fakes_told_apart`: the share of pairs of a held-out item and a fake that the discriminator puts in their order.
    `fake_distance`: from a fake to the nearest real item, over the same of a real one. `fake_classes`: how many classes
    the nearest real items have, as exp of their entropy, over the same of real items; it says nothing of fakes that are
    near to none. All are of the players as they meet in training, not of moving averages, which lag behind early on.
    """

    yields = ("fake_spread", "fakes_told_apart", "fake_distance", "fake_classes")

    def applies(self, subject: Subject) -> bool:
        """Networks of two players."""
        return "gan" in subject.facts.families and isinstance(subject.module, Network) and subject.held_out is not None

    def at_validation(self, subject: Subject) -> Iterable[Reading]:
        """The same noise each time, so that what changes is the players."""
        network, batch = subject.module, subject.held_out and subject.held_out()
        x = inputs(batch)
        if x is None or len(x) < 2 or not isinstance(network, Samples) or not isinstance(network, Network):
            return []
        readings = []
        with undisturbed(network, training=True), torch.no_grad():
            terms = network.validate(batch)
            fakes = network.sample(COUNT, torch.Generator().manual_seed(SEED))
        if TOLD_APART in terms:
            readings.append(Reading("fakes_told_apart", terms[TOLD_APART]))
        readings.append(Reading("fake_spread", spread(fakes) / spread(x[:COUNT]).clamp_min(1e-12)))
        return [*readings, *_nearest(fakes, x, getattr(batch, "y", None))]


def _nearest(fakes: Tensor, x: Tensor, classes: Tensor | None) -> list[Reading]:
    """Which real items fakes are near to, beside which real ones a real one is near to."""
    real = x.flatten(1).float()
    apart = torch.cdist(real, real).fill_diagonal_(torch.inf).amin(1).mean()
    distance, nearest = torch.cdist(fakes.flatten(1).float().to(real.device), real).min(1)
    readings = [Reading("fake_distance", distance.mean() / apart.clamp_min(1e-12))]
    if classes is not None:
        variety = _variety(classes[nearest]) / _variety(classes)
        readings.append(Reading("fake_classes", variety))
    return readings


def _variety(classes: Tensor) -> Tensor:
    """exp of the classes' entropy: as many classes, equally frequent, would vary as much."""
    counts = torch.bincount(classes)
    shares = counts / counts.sum()
    return torch.exp(-torch.special.xlogy(shares, shares).sum())


def spread(x: Tensor) -> Tensor:
    """Mean distance between two different items: (count, ...) -> scalar."""
    rows = x.flatten(1).float()
    count = len(rows)
    return torch.cdist(rows, rows).sum() / max(1, count * (count - 1))
