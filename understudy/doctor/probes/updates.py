"""How long are the weights, and how far does a step move them?"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from understudy.doctor.probes.probe import Probe
from understudy.doctor.signals import Reading
from understudy.doctor.subject import Subject


class Updates(Probe):
    """`weight_norm` of each matrix of weights, and `update_ratio`: the length of its step over its own."""

    yields = ("weight_norm", "update_ratio")

    def __init__(self) -> None:
        super().__init__()
        self._before: dict[str, Tensor] = {}

    def at_start(self, subject: Subject) -> Iterable[Reading]:
        """The norms that training begins with."""
        return _norms("weight_norm", _weights(subject))

    def attach(self, subject: Subject) -> None:
        """Keep the weights; a step later they go again."""
        self._before = {name: weight.clone() for name, weight in _weights(subject).items()}

    def collect(self, subject: Subject) -> Iterable[Reading]:
        """After the step, both."""
        before, self._before = self._before, {}
        now = {name: weight for name, weight in _weights(subject).items() if name in before}
        if not now:
            return []
        moved = torch._foreach_sub(list(now.values()), [before[name] for name in now])
        steps, norms = torch._foreach_norm(list(moved)), torch._foreach_norm(list(now.values()))
        return [
            reading
            for name, step, norm in zip(now, steps, norms, strict=True)
            for reading in (
                Reading("weight_norm", norm, name),
                Reading("update_ratio", step / norm.clamp_min(1e-12), name),
            )
        ]


def _weights(subject: Subject) -> dict[str, Tensor]:
    return {
        name: weight.detach()
        for name, weight in subject.module.named_parameters()
        if weight.ndim > 1 and weight.requires_grad
    }


def _norms(name: str, tensors: dict[str, Tensor]) -> list[Reading]:
    norms = torch._foreach_norm(list(tensors.values())) if tensors else []
    return [Reading(name, norm, place) for place, norm in zip(tensors, norms, strict=True)]
