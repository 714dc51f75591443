"""The recurrent core: stacked RNN, LSTM or GRU layers over a sequence, and one step of them for decoding.

Each layer is the library's fused one; tests/layers/test_layers_recurrent.py has the same equations written out, and
holds the two, and NumPy's, against each other.
"""

from collections.abc import Callable
from typing import Literal

import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

Cell = Literal["rnn", "relu-rnn", "irnn", "lstm", "gru"]
State = tuple[Tensor, ...]
"""One entry for each kind of memory: h, and for an LSTM c; each (layers, batch, hidden_dim)."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class RecurrentOptions:
    """Shape of the recurrent layers."""

    cell: Cell = Field(
        "lstm", description="recurrent cell; irnn: rectified, beginning as the identity (Le et al., 2015)"
    )
    hidden_dim: int = Field(512, ge=1, description="units of a recurrent layer")
    num_layers: int = Field(1, ge=1, description="recurrent layers, one over the other")
    dropout: float = Field(
        0.0, ge=0, lt=1, description="share of values struck out below each layer and above the last"
    )
    residual: bool = Field(False, description="add a layer's input to its output where they have one size")


CELLS: dict[Cell, Callable[[int, int], nn.RNNBase]] = {
    "rnn": lambda inputs, hidden: nn.RNN(inputs, hidden, batch_first=True),
    "relu-rnn": lambda inputs, hidden: nn.RNN(inputs, hidden, batch_first=True, nonlinearity="relu"),
    "irnn": lambda inputs, hidden: nn.RNN(inputs, hidden, batch_first=True, nonlinearity="relu"),
    "lstm": lambda inputs, hidden: nn.LSTM(inputs, hidden, batch_first=True),
    "gru": lambda inputs, hidden: nn.GRU(inputs, hidden, batch_first=True),
}


class Recurrent(nn.Module):
    """Stacked recurrent layers.

    Weights to the input are Glorot-uniform, recurrent ones orthogonal, biases 0, but the LSTM's forget gate's 1; an
    `irnn`'s recurrent weights are the identity.

    Shapes: (batch, time, inputs), state -> (batch, time, hidden_dim), state

    Reference:
        Saxe et al., 2014, arXiv:1312.6120 (orthogonal); Jozefowicz et al., 2015, An Empirical Exploration of Recurrent
        Network Architectures (the forget gate's bias); Le et al., 2015, arXiv:1504.00941 (identity).
    """

    def __init__(self, inputs: int, options: RecurrentOptions) -> None:
        super().__init__()
        self.options = options
        sizes = [inputs] + [options.hidden_dim] * (options.num_layers - 1)
        layers = [CELLS[options.cell](size, options.hidden_dim) for size in sizes]
        self.dropout = nn.Dropout(options.dropout)
        self.memories = 2 if options.cell == "lstm" else 1
        for layer in layers:
            initialise(layer, options.cell)
        self.layers = nn.ModuleList(layers)

    def start(self, batch: int, device: torch.device) -> State:
        """The state before the first step: zeros."""
        shape = (len(self.layers), batch, self.options.hidden_dim)
        return tuple(torch.zeros(shape, device=device) for _ in range(self.memories))

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """The last layer's outputs, and the state after the last step."""
        state = self.start(len(x), x.device) if state is None else state
        after: list[State] = []
        for number, layer in enumerate(self.layers):
            source = self.dropout(x)
            before = tuple(memory[number : number + 1].to(source.dtype) for memory in state)
            y, ends = layer(source, before if self.memories == 2 else before[0])
            after.append(ends if self.memories == 2 else (ends,))
            x = y + x if self.options.residual and y.shape == x.shape else y
        kept = tuple(torch.cat([ends[memory] for ends in after]) for memory in range(self.memories))
        return self.dropout(x), kept


def initialise(layer: nn.RNNBase, cell: Cell) -> None:
    """Glorot, orthogonal or identity weights, gate by gate; zero biases, the forget gate's 1."""
    hidden = layer.hidden_size
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            if name.startswith("weight_ih"):
                for gate in parameter.split(hidden):
                    nn.init.xavier_uniform_(gate)
            elif name.startswith("weight_hh"):
                for gate in parameter.split(hidden):
                    nn.init.eye_(gate) if cell == "irnn" else nn.init.orthogonal_(gate)
            else:
                parameter.zero_()
                if cell == "lstm" and name.startswith("bias_ih"):
                    parameter[hidden : 2 * hidden] = 1.0  # gates stand in the order input, forget, cell, output
