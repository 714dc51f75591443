"""Are there layers whose units are copies of each other, and would stay so?"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from understudy.doctor.probes.probe import Probe
from understudy.doctor.signals import Reading
from understudy.doctor.structure.rows import duplicate_share, matrices, symmetric_share
from understudy.doctor.subject import Subject
from understudy.doctor.undisturbed import undisturbed

STEPS = 3
RATE = 1e-2
ROWS = 256
"""Rows of a layer that are compared."""


class Symmetry(Probe):
    """`duplicate_rows` of each weight, and `symmetric_rows`: the share that are equal with an equal gradient, after a
    few steps that are taken for trial alone.
    """

    yields = ("duplicate_rows", "symmetric_rows")

    def applies(self, subject: Subject) -> bool:
        """Where a loss can be had."""
        return subject.loss is not None and subject.batch is not None

    def at_start(self, subject: Subject) -> Iterable[Reading]:
        """The trial is made only of layers with equal rows, which healthy networks hardly have."""
        weights = matrices(subject.module)
        shares = {name: duplicate_share(_some(weight.detach())) for name, weight in weights.items()}
        suspects = {name: weights[name] for name, share in shares.items() if share > 0.5}
        symmetric = dict.fromkeys(shares, 0.0) | (self._tried(subject, suspects) if suspects else {})
        return [
            Reading(name, value, place)
            for name, values in (("duplicate_rows", shares), ("symmetric_rows", symmetric))
            for place, value in values.items()
        ]

    def _tried(self, subject: Subject, suspects: dict[str, Tensor]) -> dict[str, float]:
        """The least share of each over the steps; the weights are brought back."""
        parameters: list[Tensor] = [weight for weight in subject.module.parameters() if weight.requires_grad]
        before = [weight.detach().clone() for weight in parameters]
        least = dict.fromkeys(suspects, 1.0)
        try:
            with undisturbed(subject.module, training=True):
                for _ in range(STEPS):
                    slopes = _slopes(subject, parameters)
                    with torch.no_grad():
                        torch._foreach_sub_(parameters, list(slopes.values()), alpha=RATE)
                    for name, weight in suspects.items():
                        share = symmetric_share(_some(weight.detach()), _some(slopes[id(weight)]))
                        least[name] = min(least[name], share)
        finally:
            with torch.no_grad():
                torch._foreach_copy_(parameters, before)
        return least


def _slopes(subject: Subject, parameters: list[Tensor]) -> dict[int, Tensor]:
    """The gradient of all players' losses, each with respect to its own parameters."""
    assert subject.loss is not None and subject.batch is not None
    found = {id(weight): torch.zeros_like(weight) for weight in parameters}
    batch = subject.batch()
    for name, player in subject.players.items():
        mine = [weight for weight in player.module.parameters() if weight.requires_grad]
        slopes = torch.autograd.grad(subject.loss(name, batch), mine, allow_unused=True)
        found |= {id(weight): slope for weight, slope in zip(mine, slopes, strict=True) if slope is not None}
    return found


def _some(rows: Tensor) -> Tensor:
    return rows[:: -(-len(rows) // ROWS)]
