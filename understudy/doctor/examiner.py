"""Asks the probes at the right moments, keeps what they read on the device, and gives up those that break."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import torch
from torch import Tensor

from understudy.doctor.pace import Pace
from understudy.doctor.probes.probe import Probe
from understudy.doctor.signals import Reading, Row
from understudy.doctor.subject import Subject

Answer = TypeVar("Answer")


class Examiner:
    """The probes of one training run.

    Whoever trains calls `start` before the first step; for a sampled step `attach` before and `collect` after it;
    `validate` now and then; and `settle` when a window is full.

    Attributes:
        disabled: probes that broke, and how.
    """

    def __init__(self, subject: Subject, probes: Sequence[Probe], pace: Pace) -> None:
        self.subject, self.pace = subject, pace
        self.disabled: dict[str, str] = {}
        self._waiting: list[tuple[int, Reading]] = []
        self._attached = False
        self._probes = list(probes)
        for probe in probes:
            probe.hooks.working = pace.working
        able = self._answers(lambda probe: probe.applies(subject))
        self._probes = [probe for probe, answer in able if answer]

    def start(self) -> None:
        """Before the first step."""
        with self.pace.working():
            self._read(0, lambda probe: probe.at_start(self.subject))

    def attach(self) -> None:
        """Before a step that is sampled."""
        self._attached = True
        with self.pace.working():
            self._answers(lambda probe: probe.attach(self.subject))

    def collect(self, step: int) -> None:
        """After it; nothing, where the step was not sampled."""
        if not self._attached:
            return
        self._attached = False
        with self.pace.working():
            self._answers(lambda probe: probe.hooks.remove())
            self._read(step, lambda probe: probe.collect(self.subject))

    def validate(self, step: int) -> None:
        """Look at held-out items."""
        with self.pace.working("validation"):
            self._read(step, lambda probe: probe.at_validation(self.subject))

    def settle(self) -> list[Row]:
        """What was read since the last time, in one transfer from each device."""
        waiting, self._waiting = self._waiting, []
        by_device: dict[torch.device, list[Tensor]] = {}
        for _, reading in waiting:
            if isinstance(reading.value, Tensor):
                by_device.setdefault(reading.value.device, []).append(reading.value.detach().float())
        values = {device: iter(torch.stack(tensors).tolist()) for device, tensors in by_device.items()}
        return [
            (step, name, place, next(values[value.device]) if isinstance(value, Tensor) else float(value))
            for step, (name, value, place) in waiting
        ]

    def close(self) -> None:
        """No more questions."""
        self._attached = False
        self._answers(lambda probe: probe.hooks.remove())

    def _read(self, step: int, question: Callable[[Probe], Iterable[Reading]]) -> None:
        for _, readings in self._answers(lambda probe: list(question(probe))):
            self._waiting += [(step, reading) for reading in readings]

    def _answers(self, question: Callable[[Probe], Answer]) -> list[tuple[Probe, Answer]]:
        """Every probe's answer; one that raises has none, and is not asked again."""
        answers = []
        for probe in list(self._probes):
            try:
                answers.append((probe, question(probe)))
            except Exception as error:  # a probe must not harm the run; the verdict says that it broke
                self.disabled[type(probe).__name__] = f"{type(error).__name__}: {' '.join(str(error).split())}"
                self._probes.remove(probe)
                probe.hooks.drop()
        return answers
