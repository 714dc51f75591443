"""How well would an answer do that is the same for every item?"""

from __future__ import annotations

from collections.abc import Iterable

from understudy.doctor.probes.probe import Probe
from understudy.doctor.signals import Reading
from understudy.doctor.subject import Subject
from understudy.models.capabilities import KnowsConstant


class Constant(Probe):
    """`constant`: that answer's value of a loss term, which is the place; what a network must beat to have learnt."""

    yields = ("constant",)

    def applies(self, subject: Subject) -> bool:
        """Where the network knows."""
        return isinstance(subject.module, KnowsConstant) and subject.batches is not None

    def at_start(self, subject: Subject) -> Iterable[Reading]:
        """On some training batches."""
        assert isinstance(subject.module, KnowsConstant) and subject.batches is not None
        terms = subject.module.constant_terms(subject.batches())
        return [Reading("constant", value, term) for term, value in terms.items()]
