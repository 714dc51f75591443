"""The probes of the house, in a loop of the user's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from torch import nn

from understudy.doctor import probes
from understudy.doctor.examiner import Examiner
from understudy.doctor.facts import Facts
from understudy.doctor.pace import Pace
from understudy.doctor.subject import Part, Player, Subject
from understudy.doctor.watch.scene import Scene
from understudy.doctor.watch.senses.again import Again
from understudy.doctor.watch.senses.sense import Sense


class Probing(Sense):
    """Asks the probes at rounds that a `Pace` chooses, so that they cost next to nothing.

    Attributes:
        sampling: whether the round that begins is one of those.
    """

    always: ClassVar[bool] = True

    def __init__(self, scene: Scene, again: Again, parts: Mapping[str, Callable[[int], Part]], pace: Pace) -> None:
        super().__init__(scene)
        subject = Subject(
            module=_one(scene.modules),
            players={name: Player(_whose(scene, name), (one,)) for name, one in scene.optimizers.items()},
            facts=Facts(),
            last=again,
            parts=parts,
        )
        self.pace, self.sampling = pace, False
        self.examiner = Examiner(subject, probes.load(), self.pace)

    def begins(self) -> None:
        """What is to be seen before the first step."""
        self.pace.start()
        self.examiner.start()
        self._prepare(1)

    def round_ends(self) -> None:
        """Take what the probes saw, and choose the next round to sample."""
        self.examiner.collect(self.notes.round)
        self._prepare(self.notes.round + 1)

    def ends(self) -> None:
        """Bring over what waits on the device."""
        self.examiner.close()
        self.notes.take_rows(self.examiner.settle())

    def _prepare(self, round_: int) -> None:
        self.sampling = self.pace.due(round_)
        if self.sampling:
            self.examiner.attach()


def _one(modules: Mapping[str, nn.Module]) -> nn.Module:
    """All networks as one, whose parts have the names that the scene gives them."""
    if len(modules) == 1:
        return next(iter(modules.values()))
    holder = nn.Module()
    holder._modules.update(modules)
    return holder


def _whose(scene: Scene, player: str) -> nn.Module:
    """The network that an optimizer moves; all of them where it is not one alone."""
    return scene.modules.get(player) or _one(scene.modules)
