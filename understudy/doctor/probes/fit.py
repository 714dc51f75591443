"""How good is the network at training items, seen as held-out ones are?"""

from __future__ import annotations

from collections.abc import Iterable

import torch

from understudy.doctor.probes.probe import Probe
from understudy.doctor.signals import Reading
from understudy.doctor.subject import Subject
from understudy.doctor.undisturbed import undisturbed


class Fit(Probe):
    """`fitted/<term>`: the terms that a validation has, on some training items.

    Beside the validation's own they tell what is learnt of the task and what by heart; the training loss would not do,
    as it is of a network with dropout and noise.
    """

    yields = ("fitted/loss",)

    def applies(self, subject: Subject) -> bool:
        """Where the network is validated."""
        return subject.validate is not None and subject.batch is not None

    def at_validation(self, subject: Subject) -> Iterable[Reading]:
        """On one batch, always the same."""
        assert subject.validate is not None and subject.batch is not None
        with undisturbed(subject.judged or subject.module, training=False), torch.no_grad():
            terms = subject.validate(subject.batch())
        parts = [(term.rpartition("/"), value) for term, value in terms.items()]
        return [Reading(f"fitted/{name}", value, player) for (player, _, name), value in parts]
