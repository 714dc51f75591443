"""The last steps' loss terms: kept as tensors so that no step waits for the device, read a window at a time."""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from understudy.errors import Diverged


class Window:
    """Collects the terms of each step, and reads many at once.

    Raises:
        Diverged: from `settle` and `mean`, when a term is NaN or infinite; it names the first step and term.
    """

    def __init__(self) -> None:
        self._fresh: list[tuple[int, str, Tensor]] = []
        self._settled: dict[str, list[float]] = {}

    def add(self, step: int, terms: Mapping[str, Tensor], prefix: str = "") -> None:
        """Note the terms of a move at this step."""
        self._fresh += [(step, prefix + name, value) for name, value in terms.items()]

    def settle(self) -> None:
        """Bring the fresh tensors over as floats, in one transfer."""
        if not self._fresh:
            return
        values = torch.stack([value.float() for _, _, value in self._fresh]).tolist()
        read = [(step, name, value) for (step, name, _), value in zip(self._fresh, values, strict=True)]
        self._fresh.clear()
        broken = [item for item in read if not math.isfinite(item[2])]
        end = broken[0][0] if broken else math.inf
        for step, name, value in read:
            if step < end:  # what came before the break stays readable
                self._settled.setdefault(name, []).append(value)
        if broken:
            raise Diverged(*_culprit(broken))

    def __bool__(self) -> bool:
        return bool(self._fresh or self._settled)

    def mean(self) -> dict[str, float]:
        """Each term's mean over the window's moves; the window is emptied."""
        self.settle()
        means = {name: math.fsum(values) / len(values) for name, values in self._settled.items()}
        self._settled.clear()
        return means

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        self.settle()
        return {name: list(values) for name, values in self._settled.items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from `state_dict`."""
        self._settled = {name: list(values) for name, values in state.items()}


def _culprit(broken: list[tuple[int, str, float]]) -> tuple[int, str, float]:
    """Of the first broken step, the part of the loss if there is one: it says more than the sum or the gradient."""
    ranks = {"loss": 1, "gradient_norm": 2}
    return min(broken, key=lambda item: (item[0], ranks.get(item[1].rpartition("/")[2], 0)))
