"""Are the backward passes right that the user wrote?"""

from __future__ import annotations

import torch

from understudy.doctor.structure.by_hand import (
    Called,
    Function,
    Recorder,
    code_of,
    functions_behind,
    judge_call,
    readings,
)
from understudy.doctor.watch.aside import aside
from understudy.doctor.watch.lines import Line
from understudy.doctor.watch.scene import Scene
from understudy.doctor.watch.senses.sense import Backward, Sense
from understudy.doctor.watch.source import gradient_at

MOST = 16
"""Functions that are judged."""


class ByHand(Sense):
    """Yields `by_hand`, how many of the user's own `torch.autograd.Function`s a loss has gone through, and of each
    gradient what `judge_call` finds: see `readings`. Their next call is listened to, and looked at when its round ends.
    """

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._recorders: list[Recorder] = []
        self._known: set[Function] = set()

    def before_backward(self, event: Backward) -> None:
        """Which Functions are behind the loss?"""
        if event.graph is None:
            return
        for function in functions_behind(*event.roots):
            if function not in self._known and len(self._known) < MOST:
                self._known.add(function)
                self._recorders.append(Recorder(function))
                self.notes.take("backward_unchecked", 1, f"{function.__name__}: it was not called again")
        self.notes.take("by_hand", len(self._known))

    def round_ends(self) -> None:
        """Judge those that were called."""
        called = [one for one in self._recorders if one.call is not None]
        if not called:
            return
        self._recorders = [one for one in self._recorders if one.call is None]
        with aside(next(iter(self.scene.modules.values()))), torch.enable_grad():
            for recorder in called:
                assert recorder.call is not None
                self._judge(recorder.call)

    def ends(self) -> None:
        """Let go of what was not called."""
        for recorder in self._recorders:
            recorder.end()

    def _judge(self, call: Called) -> None:
        name = call.function.__name__
        self.notes.take("backward_unchecked", 0, f"{name}: it was not called again")
        for number, found in enumerate(judge_call(call)):
            line = self._line(call, number)
            for signal, value, place in readings(name, found):
                self.notes.take(signal, value, place, line)

    @staticmethod
    def _line(call: Called, number: int) -> Line | None:
        """Where the gradient of the so-many-th input is made."""
        place = call.moved[number] if number < len(call.moved) else 0
        return gradient_at(code_of(call.function.backward), place)
