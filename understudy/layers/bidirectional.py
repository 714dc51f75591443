"""Recurrent layers that read a sequence from both ends; padding cannot change what they say."""

import torch
from torch import Tensor, nn

from understudy.layers.recurrent import RecurrentLayer, RecurrentOptions, dropout_of


def turned(x: Tensor, lengths: Tensor) -> Tensor:
    """Each row's own items in reverse, its padding left where it is.

    Shapes: (batch, time, features), (batch,) -> (batch, time, features)
    """
    places = torch.arange(x.shape[1], device=x.device)
    back = lengths[:, None] - 1 - places  # (batch, time)
    back = torch.where(back >= 0, back, places)
    return x.gather(1, back[:, :, None].expand_as(x))


def last_of(outputs: Tensor, lengths: Tensor) -> Tensor:
    """Each row's output at its own last item: (batch, time, features), (batch,) -> (batch, features)."""
    return outputs[torch.arange(len(outputs), device=outputs.device), lengths - 1]


class Bidirectional(nn.Module):
    """Stacked layers, each a pair that reads forwards and backwards; the next one sees both.

    The backward direction begins at each row's own last item. Outputs at padding mean nothing; whoever pools or attends
    must leave them out.

    Shapes: (batch, time, inputs), lengths (batch,) -> (batch, time, 2 * hidden_dim), (batch, 2 * hidden_dim): the last
        layer's outputs, and the output of each direction after its last step

    Reference: Schuster and Paliwal, 1997, Bidirectional Recurrent Neural Networks.
    """

    def __init__(self, inputs: int, options: RecurrentOptions) -> None:
        super().__init__()
        self.options = options
        sizes = [inputs] + [2 * options.hidden_dim] * (options.num_layers - 1)
        self.forwards = nn.ModuleList(RecurrentLayer(size, options) for size in sizes)
        self.backwards = nn.ModuleList(RecurrentLayer(size, options) for size in sizes)
        self.dropout = dropout_of(options)
        self.memories = 2 if options.cell == "lstm" else 1

    def forward(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Outputs at every step, and each direction's last."""
        rest = (torch.zeros(len(x), self.options.hidden_dim, device=x.device),) * self.memories
        for forwards, backwards in zip(self.forwards, self.backwards, strict=True):
            source = self.dropout(x)
            first, _ = forwards(source, rest)
            second, _ = backwards(turned(source, lengths), rest)
            y = torch.cat([first, turned(second, lengths)], 2)
            x = y + x if self.options.residual and y.shape == x.shape else y
        ahead, back = x.split(self.options.hidden_dim, 2)
        return self.dropout(x), torch.cat([last_of(ahead, lengths), back[:, 0]], 1)
