"""Are the backward passes right that were written by hand: the user's own Functions, and networks in NumPy?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch

from understudy.doctor.probes.probe import Probe
from understudy.doctor.signals import Reading
from understudy.doctor.structure.by_hand import Recorder, functions_behind, judge_call, readings
from understudy.doctor.structure.graph import nodes_of
from understudy.doctor.structure.numpy_network import judge_layers, judge_loss
from understudy.doctor.subject import Subject
from understudy.doctor.undisturbed import undisturbed
from understudy.layers.by_hand import HandDerived


class BackwardPasses(Probe):
    """`by_hand`, how many there are, and of each gradient what `readings` says. Of a network in NumPy every layer is
    looked at by itself; where all are right, the loss's gradient with respect to every parameter.
    """

    yields = ("by_hand", "backward_error")

    def applies(self, subject: Subject) -> bool:
        """Where a loss can be had."""
        return subject.loss is not None and subject.batch is not None

    def at_start(self, subject: Subject) -> Iterable[Reading]:
        """Each player's loss is computed, and once more with an ear at the Functions that it goes through."""
        assert subject.loss is not None and subject.batch is not None
        batch, count, found = subject.batch(), 0, []
        for player in subject.players:
            with undisturbed(subject.module, training=True), torch.enable_grad():
                loss = subject.loss(player, batch)
                recorders = [Recorder(function) for function in functions_behind(loss)]
                count += len(recorders)
                try:
                    if recorders:
                        subject.loss(player, batch)
                finally:
                    for recorder in recorders:
                        recorder.end()
                found += [reading for one in recorders for reading in _judged(one)]
                if any(getattr(type(node), "_forward_cls", None) is HandDerived for node in nodes_of(loss)):
                    count += 1
                    found += _of_numpy(subject, player, batch)
        return [Reading("by_hand", count), *found]


def _judged(recorder: Recorder) -> Iterator[Reading]:
    name = recorder.function.__name__
    if recorder.call is None:
        yield Reading("backward_unchecked", 1, f"{name}: it was not called again")
        return
    for found in judge_call(recorder.call):
        yield from (Reading(signal, value, place) for signal, value, place in readings(name, found))


def _of_numpy(subject: Subject, player: str, batch: object) -> list[Reading]:
    """Layer by layer; the loss, and how the layers are put together, only where those say nothing."""
    layers = [reading for name, one in judge_layers(subject.module, batch) for reading in readings(name, one)]
    if not any(signal == "backward_flat" for signal, _, _ in layers):
        layers += [reading for name, one in judge_loss(subject, player, batch) for reading in readings(name, one)]
    return [Reading(signal, value, place) for signal, value, place in layers]
