"""The senses: each hears of what happens in a loop, and writes down numbers. One file and one line each."""

from __future__ import annotations

from collections.abc import Callable

from understudy.doctor.watch.scene import Scene
from understudy.doctor.watch.senses.behaviour import Behaviour
from understudy.doctor.watch.senses.gradients import Gradients
from understudy.doctor.watch.senses.inputs import Inputs
from understudy.doctor.watch.senses.loss_inputs import LossInputs
from understudy.doctor.watch.senses.losses import Losses
from understudy.doctor.watch.senses.modes import Modes
from understudy.doctor.watch.senses.reach import Reach
from understudy.doctor.watch.senses.sense import Sense
from understudy.doctor.watch.senses.states import States
from understudy.doctor.watch.senses.units import Units


def all_senses(scene: Scene, listen: Callable[[], None]) -> list[Sense]:
    """A fresh one of each.

    Args:
        listen: makes the calls of torch functions heard until the next step.
    """
    plain = (Losses, Gradients, Reach, LossInputs, States, Units, Inputs, Behaviour)
    return [*(sense(scene) for sense in plain), Modes(scene, listen)]
