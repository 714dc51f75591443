"""Does the code tell of the item, and does the decoder listen?"""

from __future__ import annotations

from collections.abc import Iterable

import torch

from understudy.doctor.probes.first_loss import inputs
from understudy.doctor.probes.probe import Probe
from understudy.doctor.signals import Reading
from understudy.doctor.subject import Subject
from understudy.doctor.undisturbed import undisturbed
from understudy.models.capabilities import Decodes, Encodes, HasPosterior, SamplesClasses

ACTIVE = 0.01
"""Variance of the posterior's mean over items, from which a number of the code is in use (Burda et al., 2016)."""


class Codes(Probe):
    """`code_gain`: how much of the squared error the right code saves over another item's.

    `active_units`: the share of the code's numbers whose mean varies over items, where it is a distribution.
    """

    yields = ("code_gain", "active_units")

    def applies(self, subject: Subject) -> bool:
        """Networks with a code. One that is told the class could ignore the code and yet gain from the right class."""
        network = subject.judged or subject.module
        return isinstance(network, Encodes) and isinstance(network, Decodes) and subject.held_out is not None

    def at_validation(self, subject: Subject) -> Iterable[Reading]:
        """Each code is the next item's on a second pass."""
        network, x = subject.judged or subject.module, inputs(subject.held_out and subject.held_out())
        if x is None or len(x) < 2:
            return []
        readings = []
        with undisturbed(network, training=False), torch.no_grad():
            told = isinstance(network, SamplesClasses)
            if isinstance(network, Encodes) and isinstance(network, Decodes) and not told:
                codes = network.encode(x)
                right, wrong = ((network.decode(each) - x).square().mean() for each in (codes, codes.roll(1, 0)))
                readings.append(Reading("code_gain", 1 - right / wrong.clamp_min(1e-12)))
            if isinstance(network, HasPosterior):
                mean, _ = network.posterior(x)
                readings.append(Reading("active_units", (mean.var(0, correction=0) > ACTIVE).float().mean()))
        return readings
