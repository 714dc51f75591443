"""How good is the network at training items, seen as held-out ones are?"""

from __future__ import annotations

from collections.abc import Iterable

import torch

from understudy.doctor.probes.probe import Probe
from understudy.doctor.signals import Reading
from understudy.doctor.subject import Subject
from understudy.doctor.undisturbed import undisturbed


class Fit(Probe):
    """`fitted/<term>` on training items and `unseen/<term>` on as many held-out ones, both in evaluation mode.

    Beside each other they tell what is learnt of the task and what by heart; the training loss would not do, as it is
    of a network with dropout and noise.
    """

    yields = ("fitted/loss", "unseen/loss")

    def applies(self, subject: Subject) -> bool:
        """Where the network is validated."""
        return subject.validate is not None and subject.batch is not None and subject.held_out is not None

    def at_validation(self, subject: Subject) -> Iterable[Reading]:
        """On one batch each."""
        assert subject.validate is not None and subject.batch is not None and subject.held_out is not None
        network = subject.judged or subject.module
        readings = []
        for part, batch in (("fitted", subject.batch()), ("unseen", subject.held_out())):
            with undisturbed(network, training=False), torch.no_grad():
                terms = subject.validate(batch)
            for term, value in terms.items():
                player, _, name = term.rpartition("/")
                readings.append(Reading(f"{part}/{name}", value, player))
        return readings
