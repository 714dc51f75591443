"""Layers of `scratch` as PyTorch modules: the arrays are parameters, all arithmetic is NumPy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from understudy.scratch.layer import Array, Layer


class ByHand(nn.Module):
    """One layer of `scratch`. PyTorch keeps its arrays, so that saving, resuming and averaging need nothing new.

    Shapes: the layer's own.
    """

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self.layer = layer
        for name, array in layer.params.items():
            self.register_parameter(name, nn.Parameter(torch.from_numpy(array.astype(np.float32))))

    def bound(self) -> Layer:
        """The layer, working on this module's memory: what an optimizer changes there, it sees."""
        for name, parameter in self.named_parameters():
            self.layer.params[name] = parameter.detach().numpy()
        return self.layer

    def forward(self, x: Tensor) -> Tensor:
        """The layer's output, without a gradient: that is the layer's `backward`."""
        if not x.is_meta:
            return torch.from_numpy(self.bound().forward(x.numpy()))
        # Only shapes count, and NumPy has none without values.
        self.layer.params.update({name: np.zeros(parameter.shape) for name, parameter in self.named_parameters()})
        return torch.empty(self.layer.forward(np.zeros(x.shape)).shape, device="meta")


class HandDerived(torch.autograd.Function):
    """A loss that was found elsewhere, and its gradients, which are found where PyTorch asks for them."""

    @staticmethod
    def forward(ctx: Any, loss: float, gradients: Callable[[], list[Array]], *parameters: Tensor) -> Tensor:
        """The loss as a scalar."""
        ctx.gradients = gradients
        return parameters[0].new_tensor(loss)

    @staticmethod
    def backward(ctx: Any, *dy: Tensor) -> tuple[Tensor | None, ...]:
        """The gradients, in the parameters' order."""
        # Multiplied in NumPy too: where PyTorch's threads wait for work, NumPy's had a quarter of their speed.
        factor = np.float32(dy[0].item()) if dy[0].dtype == torch.float32 else dy[0].item()
        return None, None, *(torch.from_numpy(factor * gradient) for gradient in ctx.gradients())
