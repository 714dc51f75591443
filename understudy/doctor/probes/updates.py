"""How long are the weights, and how far does a step move them?"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from understudy.doctor.probes.probe import Probe
from understudy.doctor.signals import Reading
from understudy.doctor.subject import Subject

TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
"""Their weights are (inputs, outputs, ...)."""


class Updates(Probe):
    """`weight_norm` of each matrix of weights, and `update_ratio`: the length of its step over its own.

    `weight_scale`: how large weights begin, in units of 1 / sqrt(inputs); not of embeddings, which have no inputs.
    """

    yields = ("weight_norm", "update_ratio", "weight_scale")

    def __init__(self) -> None:
        super().__init__()
        self._before: dict[str, Tensor] = {}

    def at_start(self, subject: Subject) -> Iterable[Reading]:
        """The norms and scales that training begins with."""
        weights = _weights(subject)
        norms = dict(zip(weights, torch._foreach_norm(list(weights.values())) if weights else [], strict=True))
        backwards = {
            f"{name}.weight" for name, module in subject.module.named_modules() if isinstance(module, TRANSPOSED)
        }
        embeddings = {
            f"{name}.weight" for name, module in subject.module.named_modules() if isinstance(module, nn.Embedding)
        }
        scales = [
            Reading("weight_scale", norm / weights[name].shape[1 if name in backwards else 0] ** 0.5, name)
            for name, norm in norms.items()
            if name not in embeddings
        ]
        return [*(Reading("weight_norm", norm, name) for name, norm in norms.items()), *scales]

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
