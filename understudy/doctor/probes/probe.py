"""What a probe is. It reads, and changes nothing: not a weight, a buffer, a gradient, or the state of a generator."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from understudy.doctor.probes.hooks import Hooks
from understudy.doctor.signals import Reading
from understudy.doctor.subject import Subject


class Probe:
    """Base of all probes; one overrides what it cares for.

    A probe that raises is not asked again, and the verdict names it.

    Attributes:
        yields: the names of its signals, so that the verdict can say what was not read.
        hooks: those it puts on; ones that are put on otherwise can break training.
    """

    yields: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        self.hooks = Hooks()

    def applies(self, subject: Subject) -> bool:
        """Whether there is something to read."""
        return True

    def at_start(self, subject: Subject) -> Iterable[Reading]:
        """Once, before the first step: what the structure alone tells. Readings are of step 0."""
        return ()

    def attach(self, subject: Subject) -> None:
        """Before a sampled step: put hooks on what is to be seen."""

    def collect(self, subject: Subject) -> Iterable[Reading]:
        """After a sampled step, gradients still there: what was seen. A value may be a scalar on the device.

        The hooks have been taken off.
        """
        return ()

    def at_validation(self, subject: Subject) -> Iterable[Reading]:
        """After a look at the validation split: what is seen on held-out items."""
        return ()
