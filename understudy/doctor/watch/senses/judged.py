"""How good is the network on held-out items, asked beside the loop with the loss that the user passed?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from understudy.doctor.pace import Pace
from understudy.doctor.watch.aside import aside, same_chance
from understudy.doctor.watch.scene import Scene
from understudy.doctor.watch.senses.behaviour import first_tensor
from understudy.doctor.watch.senses.sense import Sense

Loss = Callable[[Any, Any], Tensor]


class Judged(Sense):
    """Yields `validation/loss` of held-out items and `fitted/loss` of training items, both in evaluation mode, at
    rounds that the pace allows and at the end.

    Args:
        loss: of the network's answer and the target.
        items: `validation` and `fitted`, each items and targets.
    """

    always: ClassVar[bool] = True

    def __init__(self, scene: Scene, loss: Loss, items: Mapping[str, tuple[Tensor, Tensor]], pace: Pace) -> None:
        super().__init__(scene)
        self._loss, self._items, self._pace = loss, items, pace
        self._module = next(iter(scene.modules.values()))

    def round_ends(self) -> None:
        """Where the time allows it."""
        if self._pace.look_due(self.notes.round):
            with self._pace.working("validation"):
                self._judge()

    def ends(self) -> None:
        """A last time."""
        self._judge()

    def _judge(self) -> None:
        device = next((weight.device for weight in self._module.parameters()), torch.device("cpu"))
        with aside(self._module):
            for part, (x, y) in self._items.items():
                same_chance()
                answer = first_tensor(self._module(x.to(device)))
                self.notes.take(f"{part}/loss", self._loss(answer, y.to(device)).float().mean())
