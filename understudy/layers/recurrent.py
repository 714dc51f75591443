"""The recurrent core: stacked RNN, LSTM or GRU layers over a sequence, and one step of them for decoding.

A layer is the library's fused one where there is one, otherwise the cell written out in `cells.py`, as is a single step
without a gradient; the tests hold the two, and NumPy's, against each other. A backward pass by hand, with the weights'
gradient as one product for all steps, was tried and left out: of GRU and RNN it was 1.0 to 1.4 times as fast, of an
LSTM mostly slower (0.2 to 1.1; in bf16 0.6 to 0.95, and 1.5 where inputs and units were 512 each at batch 32).
"""

from collections.abc import Callable
from typing import Any, Literal

import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from understudy.layers.cells import STEPS, Cell, Memories, Unrolled
from understudy.layers.dropout import Dropout, SequenceDropout
from understudy.layers.linear import plain, product
from understudy.layers.weight_dropout import with_weights_struck_out

State = tuple[Tensor, ...]
"""One entry for each kind of memory: h, and for an LSTM c; each (layers, batch, hidden_dim)."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class RecurrentOptions:
    """Shape of the recurrent layers."""

    cell: Cell = Field(
        "lstm",
        description="recurrent cell; sigmoid-rnn is for study; irnn: rectified, beginning as the identity (Le et al., "
        "2015)",
    )
    hidden_dim: int = Field(512, ge=1, description="units of a recurrent layer")
    num_layers: int = Field(1, ge=1, description="recurrent layers, one over the other")
    dropout: float = Field(
        0.0, ge=0, lt=1, description="share of values struck out below each layer and above the last"
    )
    variational_dropout: bool = Field(
        False, description="strike out the same values at every step of a sequence (Gal and Ghahramani, 2016)"
    )
    weight_dropout: float = Field(
        0.0, ge=0, lt=1, description="share of recurrent weights struck out, anew for each window (Merity et al., 2018)"
    )
    residual: bool = Field(False, description="add a layer's input to its output where they have one size")
    layer_norm: bool = Field(
        False, description="normalise what enters the gates (Ba et al., 2016); the layer is then not fused: slower"
    )
    initialisation: Literal["orthogonal", "xavier", "identity"] | None = Field(
        None, description="where recurrent weights begin; unset: orthogonal, of an irnn identity"
    )


FUSED: dict[Cell, Callable[[int, int], nn.RNNBase]] = {
    "rnn": lambda inputs, hidden: nn.RNN(inputs, hidden, batch_first=True),
    "relu-rnn": lambda inputs, hidden: nn.RNN(inputs, hidden, batch_first=True, nonlinearity="relu"),
    "irnn": lambda inputs, hidden: nn.RNN(inputs, hidden, batch_first=True, nonlinearity="relu"),
    "lstm": lambda inputs, hidden: nn.LSTM(inputs, hidden, batch_first=True),
    "gru": lambda inputs, hidden: nn.GRU(inputs, hidden, batch_first=True),
}

INITIAL: dict[str, Callable[[Tensor], Tensor]] = {
    "orthogonal": nn.init.orthogonal_,
    "xavier": nn.init.xavier_uniform_,
    "identity": nn.init.eye_,
}


class RecurrentLayer(nn.Module):
    """One layer, fused where it can be.

    Weights to the input are Glorot-uniform, recurrent ones orthogonal unless asked for otherwise, biases 0, but the
    LSTM's forget gate's 1; an `irnn`'s recurrent weights are the identity.

    Shapes: (batch, time, inputs), memories of (batch, hidden_dim) -> (batch, time, hidden_dim), memories

    Reference:
        Saxe et al., 2014, arXiv:1312.6120 (orthogonal); Jozefowicz et al., 2015, An Empirical Exploration of Recurrent
        Network Architectures (the forget gate's bias); Le et al., 2015, arXiv:1504.00941 (identity).
    """

    def __init__(self, inputs: int, options: RecurrentOptions) -> None:
        super().__init__()
        cell, hidden = options.cell, options.hidden_dim
        self.cell, self.layer_norm, self.weight_dropout = cell, options.layer_norm, options.weight_dropout
        self.fused = cell in FUSED and not options.layer_norm
        self.inner: nn.Module = (
            FUSED[cell](inputs, hidden) if self.fused else Unrolled(cell, inputs, hidden, layer_norm=options.layer_norm)
        )
        initialise(self.inner, cell, options.initialisation or ("identity" if cell == "irnn" else "orthogonal"))

    def forward(self, x: Tensor, memories: Memories) -> tuple[Tensor, Memories]:
        """The outputs at every step, and the memories after the last."""
        memories = tuple(memory.to(x.dtype) for memory in memories)
        if not self.fused:
            return self._inner(x, memories)  # type: ignore[no-any-return]
        if x.shape[1] == 1 and plain(x):
            return self._one_step(x[:, 0], memories)
        before = tuple(memory[None] for memory in memories)
        y, ends = self._inner(x, before if len(before) > 1 else before[0])
        return y, tuple(end[0] for end in (ends if len(before) > 1 else (ends,)))

    def _inner(self, *inputs: Any) -> Any:
        if self.training and self.weight_dropout:
            return with_weights_struck_out(self.inner, self.weight_dropout, *inputs)
        return self.inner(*inputs)

    def _one_step(self, x: Tensor, memories: Memories) -> tuple[Tensor, Memories]:
        """The same by hand: a fused layer first lays its weights out anew.

        An LSTM of 512 units took 1.04 ms for one row, so 0.13; for 100 rows 3.1 and 2.1, for 500 9.3 and 9.6.
        """
        inner = self.inner
        drive = product(x, inner.weight_ih_l0, inner.bias_ih_l0)  # type: ignore[arg-type]
        recall = product(memories[0], inner.weight_hh_l0, inner.bias_hh_l0)  # type: ignore[arg-type]
        memories = STEPS[self.cell][1](drive, recall, memories, lambda c: c)
        return memories[0][:, None], memories


def initialise(layer: nn.Module, cell: Cell, recurrent: str) -> None:
    """Give a layer its first weights, gate by gate."""
    hidden: int = layer.hidden_size  # type: ignore[assignment]
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            if name.startswith("weight"):
                first = INITIAL[recurrent] if name.startswith("weight_hh") else nn.init.xavier_uniform_
                for gate in parameter.split(hidden):
                    first(gate)
            elif name.startswith("bias"):
                parameter.zero_()
                if cell == "lstm" and name.startswith("bias_ih"):
                    parameter[hidden : 2 * hidden] = 1.0  # gates stand in the order input, forget, cell, output


def dropout_of(options: RecurrentOptions) -> nn.Module:
    """The dropout that was asked for, if any."""
    if not options.dropout:
        return nn.Identity()
    return (SequenceDropout if options.variational_dropout else Dropout)(options.dropout)


class Recurrent(nn.Module):
    """Stacked recurrent layers.

    Shapes: (batch, time, inputs), state -> (batch, time, hidden_dim), state
    """

    def __init__(self, inputs: int, options: RecurrentOptions) -> None:
        super().__init__()
        self.options = options
        sizes = [inputs] + [options.hidden_dim] * (options.num_layers - 1)
        self.layers = nn.ModuleList(RecurrentLayer(size, options) for size in sizes)
        self.dropout = dropout_of(options)
        self.memories = 2 if options.cell == "lstm" else 1

    def start(self, batch: int, device: torch.device) -> State:
        """The state before the first step: zeros."""
        shape = (len(self.layers), batch, self.options.hidden_dim)
        return tuple(torch.zeros(shape, device=device) for _ in range(self.memories))

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """The last layer's outputs, and the state after the last step."""
        state = self.start(len(x), x.device) if state is None else state
        after: list[Memories] = []
        for number, layer in enumerate(self.layers):
            y, ends = layer(self.dropout(x), tuple(memory[number] for memory in state))
            after.append(ends)
            x = y + x if self.options.residual and y.shape == x.shape else y
        if len(after) == 1:  # no copy
            return self.dropout(x), tuple(end[None] for end in after[0])
        return self.dropout(x), tuple(torch.stack(ends) for ends in zip(*after, strict=True))
