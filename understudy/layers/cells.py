"""The recurrent cells written out, a step at a time: what a fused layer computes, and what it cannot.

To read, to test the faster ways against, and for what they cannot do, such as layer normalisation.
"""

from collections.abc import Callable
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Cell = Literal["rnn", "sigmoid-rnn", "relu-rnn", "irnn", "lstm", "gru"]
Memories = tuple[Tensor, ...]
"""What a layer remembers of a row: h, and for an LSTM c; each (batch, hidden)."""
Step = Callable[[Tensor, Tensor, Memories, Callable[[Tensor], Tensor]], Memories]
"""(W x + b, U h + b', memories, the normalisation of c) -> memories."""


def _simple(squash: Callable[[Tensor], Tensor]) -> Step:
    """h = squash(W x + U h)."""

    def step(drive: Tensor, recall: Tensor, memories: Memories, norm: Callable[[Tensor], Tensor]) -> Memories:
        return (squash(drive + recall),)

    return step


def _lstm(drive: Tensor, recall: Tensor, memories: Memories, norm: Callable[[Tensor], Tensor]) -> Memories:
    """c = f c + i g, h = o tanh(c)."""
    i, f, g, o = (drive + recall).chunk(4, -1)
    c = f.sigmoid() * memories[1] + i.sigmoid() * g.tanh()
    return o.sigmoid() * norm(c).tanh(), c


def _gru(drive: Tensor, recall: Tensor, memories: Memories, norm: Callable[[Tensor], Tensor]) -> Memories:
    """h = (1 - z) n + z h, n = tanh(W x + r (U h)): the reset comes after the product, as in cuDNN."""
    (drive_r, drive_z, drive_n), (recall_r, recall_z, recall_n) = drive.chunk(3, -1), recall.chunk(3, -1)
    n = (drive_n + (drive_r + recall_r).sigmoid() * recall_n).tanh()
    z = (drive_z + recall_z).sigmoid()
    return ((1 - z) * n + z * memories[0],)


STEPS: dict[Cell, tuple[int, Step]] = {  # the gates, whose weights stand one over the other, and the step
    "rnn": (1, _simple(torch.tanh)),
    "sigmoid-rnn": (1, _simple(torch.sigmoid)),
    "relu-rnn": (1, _simple(torch.relu)),
    "irnn": (1, _simple(torch.relu)),
    "lstm": (4, _lstm),
    "gru": (3, _gru),
}


class Unrolled(nn.Module):
    """One recurrent layer, step by step. Its weights are called as in the fused layers, and stand in their order.

    Shapes: (batch, time, inputs), memories -> (batch, time, hidden), memories

    Reference:
        Elman, 1990; Hochreiter and Schmidhuber, 1997, with Gers et al., 2000, for the forget gate; Cho et al., 2014,
        arXiv:1406.1078. Ba et al., 2016, Layer Normalization, arXiv:1607.06450, equations 20 to 22, for `layer_norm`.
    """

    def __init__(self, cell: Cell, inputs: int, hidden: int, *, layer_norm: bool = False) -> None:
        super().__init__()
        gates, self.step = STEPS[cell]
        self.cell, self.input_size, self.hidden_size, self.layer_norm = cell, inputs, hidden, layer_norm
        self.weight_ih_l0 = nn.Parameter(torch.empty(gates * hidden, inputs))
        self.weight_hh_l0 = nn.Parameter(torch.empty(gates * hidden, hidden))
        self.bias_ih_l0 = nn.Parameter(torch.zeros(gates * hidden))
        self.bias_hh_l0 = nn.Parameter(torch.zeros(gates * hidden))
        if layer_norm:
            self.gain_ih = nn.Parameter(torch.ones(gates * hidden))
            self.gain_hh = nn.Parameter(torch.ones(gates * hidden))
            self.gain_c = nn.Parameter(torch.ones(hidden)) if cell == "lstm" else None

    def forward(self, x: Tensor, memories: Memories) -> tuple[Tensor, Memories]:
        """The output at every step, and the memories after the last."""
        outputs = []
        for now in self.drive(x).unbind(1):
            memories = self.advance(now, memories)
            outputs.append(memories[0])
        return torch.stack(outputs, 1), memories

    def drive(self, x: Tensor) -> Tensor:
        """W x + b, what the input brings to the gates: (..., inputs) -> (..., gates * hidden)."""
        drive = F.linear(x, self.weight_ih_l0)
        return (self._normal(drive, self.gain_ih) if self.layer_norm else drive) + self.bias_ih_l0

    def recall(self, h: Tensor) -> Tensor:
        """U h + b', what the state brings to the gates: (..., hidden) -> (..., gates * hidden)."""
        recall = F.linear(h, self.weight_hh_l0)
        return (self._normal(recall, self.gain_hh) if self.layer_norm else recall) + self.bias_hh_l0

    def advance(self, drive: Tensor, memories: Memories) -> Memories:
        """The memories after one more step: (batch, gates * hidden), memories -> memories."""
        return self.step(drive, self.recall(memories[0]), memories, self._normal_c)

    def _normal_c(self, c: Tensor) -> Tensor:
        return self._normal(c, self.gain_c) if self.layer_norm else c

    @staticmethod
    def _normal(values: Tensor, gain: Tensor | None) -> Tensor:
        return F.layer_norm(values, values.shape[-1:], gain)
