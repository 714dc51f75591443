"""The senses: each hears of what happens in a loop, and writes down numbers. One file and one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from understudy.doctor.pace import Pace
from understudy.doctor.subject import Part
from understudy.doctor.watch.scene import Scene
from understudy.doctor.watch.senses.again import Again
from understudy.doctor.watch.senses.behaviour import Behaviour
from understudy.doctor.watch.senses.by_hand import ByHand
from understudy.doctor.watch.senses.criteria import heard
from understudy.doctor.watch.senses.energies import Energies
from understudy.doctor.watch.senses.gradients import Gradients
from understudy.doctor.watch.senses.held_out import HeldOut
from understudy.doctor.watch.senses.inputs import Inputs
from understudy.doctor.watch.senses.judged import Judged
from understudy.doctor.watch.senses.loss_inputs import LossInputs
from understudy.doctor.watch.senses.losses import Losses
from understudy.doctor.watch.senses.modes import Modes
from understudy.doctor.watch.senses.probing import Probing
from understudy.doctor.watch.senses.reach import Reach
from understudy.doctor.watch.senses.sense import Sense
from understudy.doctor.watch.senses.states import States
from understudy.doctor.watch.senses.targets import Targets
from understudy.doctor.watch.senses.units import Units


@dataclass(frozen=True)
class Asked:
    """How held-out items are to be judged.

    Attributes:
        loss: what is minimised, where the user says so.
        pairs: items and targets to ask it of; None: it is heard in the loop.
    """

    loss: Any = None
    pairs: Mapping[str, tuple[Tensor, Tensor]] | None = None


@dataclass(frozen=True)
class Senses:
    """Every sense, and those that are asked for more than their notes."""

    all: list[Sense]
    probing: Probing
    targets: Targets


def all_senses(
    scene: Scene, listen: Callable[[], None], parts: Mapping[str, Callable[[int], Part]], asked: Asked, pace: Pace
) -> Senses:
    """A fresh one of each.

    Args:
        listen: makes the calls of torch functions heard until the next step.
        parts: the data's, by name, where they were given.
        asked: how held-out items are judged.
        pace: chooses when to look.
    """
    plain = (Losses, Gradients, Reach, LossInputs, States, Units, Inputs, Behaviour, ByHand)
    again, targets = Again(scene), Targets(scene)
    probing = Probing(scene, again, parts, pace)
    judge: Sense = HeldOut(scene, listen, again, heard(asked.loss))
    if asked.loss is not None and asked.pairs is not None:
        judge = Judged(scene, asked.loss, asked.pairs, pace)
    energies = Energies(scene, parts, pace)
    every = [*(sense(scene) for sense in plain), again, targets, Modes(scene, listen), judge, energies, probing]
    return Senses(every, probing, targets)
