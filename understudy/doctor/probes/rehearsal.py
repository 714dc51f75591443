"""A step that is not made: what the losses are given, and which weights they reach."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from understudy.doctor.pace import Pace
from understudy.doctor.probes.probe import Probe
from understudy.doctor.signals import Reading
from understudy.doctor.subject import Subject
from understudy.doctor.undisturbed import undisturbed
from understudy.doctor.watch.loop import Loop
from understudy.doctor.watch.notes import Notes
from understudy.doctor.watch.scene import Scene
from understudy.doctor.watch.senses.loss_inputs import LossInputs
from understudy.doctor.watch.senses.reach import Reach

OF_SEVERAL_STEPS = {"graph_age", "graph_again", "graph_nodes"}
"""Signals that mean something of a real loop alone."""


class Rehearsal(Probe):
    """Lets the senses of `us.watch` hear every player's loss being computed: `softmax_twice`, `sigmoid_twice`,
    `not_probabilities`, `not_log_probabilities`, `target_outside`, `loss_broadcast`, `initial_loss`, `cut_off`,
    `unmoved` and their like.
    """

    yields = ("softmax_twice", "sigmoid_twice", "target_outside", "loss_broadcast", "cut_off", "unmoved")

    def applies(self, subject: Subject) -> bool:
        """Where a loss can be had."""
        return subject.loss is not None and subject.batch is not None

    def at_start(self, subject: Subject) -> Iterable[Reading]:
        """Each player's loss is computed once.

        Raises:
            RuntimeError: a sense broke.
        """
        assert subject.loss is not None and subject.batch is not None
        scene = _scene(subject)
        loop = Loop(scene, [LossInputs(scene), Reach(scene, at_once=True)], Pace())
        batch = subject.batch()
        with undisturbed(subject.module, training=True):
            loop.begin()
            try:
                for player in subject.players:
                    with torch.enable_grad():
                        loop.rehearse(player, subject.loss(player, batch))
            finally:
                loop.end()
        if loop.broken:
            raise RuntimeError("; ".join(f"{name}: {why}" for name, why in loop.broken.items()))
        return [
            Reading(name, signal.last, "" if place == "None" else place)
            for (name, place), signal in scene.notes.signals().items()
            if name not in OF_SEVERAL_STEPS
        ]


def _scene(subject: Subject) -> Scene:
    optimizers = {name: optimizer for name, player in subject.players.items() for optimizer in player.optimizers}
    scene = Scene({"": subject.module}, optimizers, Notes())
    scene.know_parameters()
    return scene
