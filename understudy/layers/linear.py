"""A linear layer that is as fast as the recurrent layers beside it where no gradient is kept."""

from typing import Any

import torch
from torch import Tensor, nn


def plain(x: Tensor) -> bool:
    """Whether oneDNN's product may be taken: fp32 on a processor, without a gradient or autocast."""
    here = ONEDNN is not None and x.device.type == "cpu" and x.dtype == torch.float32
    return here and not torch.is_grad_enabled() and not torch.is_autocast_enabled("cpu")


def product(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """x W' + b by oneDNN, where `plain`: (..., inputs) -> (..., outputs)."""
    return ONEDNN(x, weight, bias, "none", [], "")  # type: ignore[no-any-return]


class Linear(nn.Linear):
    """PyTorch's, the same but for the order of its sums.

    In fp32 PyTorch leaves this product to MKL, an LSTM's to oneDNN. Of 500 rows with a 256x6000 matrix the first made
    48 thousand million multiply-adds a second on one core of an AMD processor, the second 110.
    """

    def forward(self, input: Tensor) -> Tensor:
        """By oneDNN, where no gradient is kept: (..., inputs) -> (..., outputs)."""
        return product(input, self.weight, self.bias) if plain(input) else super().forward(input)


def _onednn() -> Any:
    """Its linear layer, if this build of PyTorch has it."""
    return getattr(torch.ops.mkldnn, "_linear_pointwise", None) if torch.backends.mkldnn.is_available() else None


ONEDNN = _onednn()
