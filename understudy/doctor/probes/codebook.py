"""How much of a codebook is in use?"""

from __future__ import annotations

from collections.abc import Iterable

import torch

from understudy.doctor.probes.first_loss import inputs
from understudy.doctor.probes.probe import Probe
from understudy.doctor.signals import Reading
from understudy.doctor.subject import Subject
from understudy.doctor.undisturbed import undisturbed
from understudy.models.capabilities import Quantises


class CodebookUse(Probe):
    """`codes_in_use`: words in the codes of held-out items over as many as there could be.

    That is the smaller of the codebook's size and a quarter of the tokens read: few items cannot name every word.
    """

    yields = ("codes_in_use",)

    def applies(self, subject: Subject) -> bool:
        """Networks with a codebook."""
        return isinstance(subject.judged or subject.module, Quantises) and subject.held_out is not None

    def at_validation(self, subject: Subject) -> Iterable[Reading]:
        """On one batch."""
        network, x = subject.judged or subject.module, inputs(subject.held_out and subject.held_out())
        if x is None or not isinstance(network, Quantises):
            return []
        with undisturbed(network, training=False), torch.no_grad():
            tokens = network.tokens(x).flatten()
            used = (torch.bincount(tokens, minlength=network.codebook_size()) > 0).sum()
        possible = max(1, min(network.codebook_size(), len(tokens) // 4))
        return [Reading("codes_in_use", used / possible)]
