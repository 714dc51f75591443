"""Hears every call of `backward`, by standing in for `torch.autograd.backward` while a loop is watched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

Hear = Callable[[Sequence[Tensor]], None]


class Backwards:
    """Calls `before` and `after` with the tensors of each backward pass."""

    def __init__(self, before: Hear, after: Hear) -> None:
        self._before, self._after = before, after
        self._theirs = torch.autograd.backward
        self._ours: Any = None

    def begin(self) -> None:
        """Stand in."""
        self._theirs = torch.autograd.backward

        def backward(tensors: Any, *args: Any, **kwargs: Any) -> None:
            if self._ours is None:  # ended, but somebody kept this function
                return self._theirs(tensors, *args, **kwargs)
            roots = (tensors,) if isinstance(tensors, Tensor) else tuple(tensors)
            self._before(roots)
            self._theirs(tensors, *args, **kwargs)
            self._after(roots)
            return None

        self._ours = torch.autograd.backward = backward

    def end(self) -> None:
        """Give the place back, unless somebody else has taken it."""
        if torch.autograd.backward is self._ours:
            torch.autograd.backward = self._theirs
        self._ours = None
