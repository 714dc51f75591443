"""Dropout of weights: a recurrent layer that forgets some of its own connections for as long as it reads a window."""

from typing import Any

from torch import nn
from torch.func import functional_call

from understudy.layers.dropout import struck_out


def with_weights_struck_out(layer: nn.Module, share: float, *inputs: Any) -> Any:
    """What a layer says with this share of its recurrent weights at 0 and the others the larger for it.

    The same weights at every step of what it reads; others at the next call.

    Reference: Merity et al., 2018, Regularizing and Optimizing LSTM Language Models, arXiv:1708.02182, section 2.
    """
    weight: Any = layer.weight_hh_l0
    left = struck_out(weight, share)
    if not isinstance(layer, nn.RNNBase):
        return functional_call(layer, {"weight_hh_l0": left}, inputs)
    whole = layer._flat_weights  # what a fused layer reads, whatever its parameters are
    layer._flat_weights = [left if it is weight else it for it in whole]
    try:
        return layer(*inputs)
    finally:
        layer._flat_weights = whole
