"""Does a step lower the loss of its own batch?"""

from __future__ import annotations

from collections.abc import Iterable

from understudy.doctor.probes.probe import Probe
from understudy.doctor.signals import Reading
from understudy.doctor.subject import Subject


class StepEffect(Probe):
    """`step_effect`: loss after the step less loss before, on the same batch with the same noise, over its size."""

    yields = ("step_effect",)

    def applies(self, subject: Subject) -> bool:
        """Where the last move can be looked at again."""
        return subject.last is not None

    def attach(self, subject: Subject) -> None:
        """Get ready for it."""
        assert subject.last is not None
        subject.last.prepare()

    def collect(self, subject: Subject) -> Iterable[Reading]:
        """One forward pass."""
        found = subject.last.again() if subject.last else None
        if found is None:
            return []
        before, after = found
        return [Reading("step_effect", (after - before) / before.abs().clamp_min(1e-12))]
