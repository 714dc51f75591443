"""How long is the gradient of each weight matrix?"""

from __future__ import annotations

from collections.abc import Iterable

import torch

from understudy.doctor.probes.probe import Probe
from understudy.doctor.signals import Reading
from understudy.doctor.subject import Subject


class Gradients(Probe):
    """`gradient`: the norm, for each matrix of weights, after clipping; biases and gains say little by themselves."""

    yields = ("gradient",)

    def collect(self, subject: Subject) -> Iterable[Reading]:
        """Of every weight that has a gradient."""
        found = {
            name: weight.grad
            for name, weight in subject.module.named_parameters()
            if weight.ndim > 1 and weight.grad is not None and not weight.grad.is_sparse
        }
        norms = torch._foreach_norm(list(found.values())) if found else []
        return [Reading("gradient", norm, name) for name, norm in zip(found, norms, strict=True)]
