"""The last steps' loss terms: kept as tensors so that no step waits for the device, read a window at a time."""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from understudy.errors import Diverged

Row = tuple[int, dict[str, float]]


class Window:
    """Collects the terms of each step, and reads many at once.

    Raises:
        Diverged: from `settle` and `mean`, when a term is NaN or infinite; it names the first step and term.
    """

    def __init__(self) -> None:
        self._fresh: list[tuple[int, str, Tensor]] = []
        self._settled: list[Row] = []

    def add(self, step: int, terms: Mapping[str, Tensor], prefix: str = "") -> None:
        """Note the terms of a turn at this step."""
        self._fresh += [(step, prefix + name, value) for name, value in terms.items()]

    def settle(self) -> None:
        """Bring the fresh tensors over as floats, in one transfer."""
        if not self._fresh:
            return
        values = torch.stack([value.float() for _, _, value in self._fresh]).tolist()
        for (step, name, _), value in zip(self._fresh, values, strict=True):
            if not math.isfinite(value):
                raise Diverged(step, name, value)
            if not self._settled or self._settled[-1][0] != step:
                self._settled.append((step, {}))
            self._settled[-1][1][name] = value
        self._fresh.clear()

    def mean(self) -> dict[str, float]:
        """Each term's mean over the window, which is emptied."""
        self.settle()
        sums: dict[str, list[float]] = {}
        for _, terms in self._settled:
            for name, value in terms.items():
                sums.setdefault(name, []).append(value)
        self._settled.clear()
        return {name: math.fsum(values) / len(values) for name, values in sums.items()}

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        self.settle()
        return {"rows": [list(row) for row in self._settled]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from `state_dict`."""
        self._settled = [(step, dict(terms)) for step, terms in state["rows"]]
