"""Of what size are the numbers that the first layer is given?"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from understudy.doctor.watch.scene import Scene
from understudy.doctor.watch.senses.sense import Pass, Question, Sense

MULTIPLIES = (nn.Linear, nn.modules.conv._ConvNd, nn.RNNBase, nn.RNNCellBase, nn.Bilinear)
"""Layers that take numbers as they are."""


class Inputs(Sense):
    """Yields `input_rms`, the root mean square of what the first layer multiplies by its weights, by layer."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._data: set[int] = set()

    def enters(self, question: Question) -> None:
        """What comes from outside."""
        if torch.is_grad_enabled():
            self._data = {one.data_ptr() for one in question.tensors if one.is_floating_point() and one.grad_fn is None}

    def passed(self, event: Pass) -> None:
        """A layer that is given exactly that."""
        given = event.inputs[0] if event.inputs else None
        if not isinstance(given, Tensor) or not self._data or not isinstance(event.layer, MULTIPLIES):
            return
        if given.data_ptr() in self._data and given.grad_fn is None:
            self.notes.take("input_rms", given.detach().float().square().mean().sqrt().item(), event.place, event.line)
