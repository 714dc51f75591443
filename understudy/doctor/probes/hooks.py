"""Hooks that cannot hurt: one that raises is remembered, and training goes on as if it had not been there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle


class Hooks:
    """Forward hooks of one probe.

    Attributes:
        working: the context in which a hook runs, such as `Pace.working`, so that its time is counted.
        error: what the first hook that broke raised.
    """

    def __init__(self) -> None:
        self.working: Callable[[], AbstractContextManager[None]] = nullcontext
        self.error: Exception | None = None
        self._handles: list[RemovableHandle] = []

    def after_forward(self, module: nn.Module, see: Callable[[Any, Any], None]) -> None:
        """Call `see(inputs, output)` after each of the module's forward passes in training mode, without gradient."""

        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            if not module.training or self.error is not None:
                return
            with self.working(), torch.no_grad():
                try:
                    see(inputs, output)
                except Exception as error:  # raised again by `remove`, outside the network's own work
                    self.error = error

        self._handles.append(module.register_forward_hook(hook))

    def remove(self) -> None:
        """Take all hooks off.

        Raises:
            Exception: what a hook raised since the last time.
        """
        error = self.error
        self.drop()
        if error is not None:
            raise error

    def drop(self) -> None:
        """Take all hooks off, whatever they raised."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        self.error = None
