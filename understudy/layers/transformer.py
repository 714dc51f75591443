"""A transformer encoder; padding cannot change what it says."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from understudy.layers.dropout import Dropout

GROWTH = 4  # the feed-forward layer's width, in the model's; the paper's


def sinusoids(steps: int, size: int, device: torch.device) -> Tensor:
    """Vectors of places: sines and cosines of falling frequency: (steps, size).

    Reference: Vaswani et al., 2017, section 3.5; all sines stand first, then all cosines.
    """
    frequencies = torch.exp(torch.arange(0, size, 2, device=device) * (-math.log(10_000.0) / size))
    angles = torch.arange(steps, device=device)[:, None] * frequencies
    return torch.cat([angles.sin(), angles.cos()], 1)[:, :size]


class SelfAttention(nn.Module):
    """Several attentions of all places to all real ones.

    Shapes: (batch, time, size), real (batch, time) -> (batch, time, size)

    Reference: Vaswani et al., 2017, section 3.2.2.
    """

    def __init__(self, size: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.inputs = nn.Linear(size, 3 * size)
        self.output = nn.Linear(size, size)

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        """What each place gathers."""
        query, key, value = self.inputs(x).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        share = self.dropout if self.training else 0.0
        gathered = F.scaled_dot_product_attention(query, key, value, real[:, None, None], dropout_p=share)
        result: Tensor = self.output(gathered.transpose(1, 2).flatten(2))
        return result


class TransformerLayer(nn.Module):
    """x + attention(norm(x)), then x + feed-forward(norm(x)).

    Shapes: (batch, time, size), real (batch, time) -> (batch, time, size)
    """

    def __init__(self, size: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attention = SelfAttention(size, heads, dropout)
        self.inner, self.outer = nn.Linear(size, GROWTH * size), nn.Linear(GROWTH * size, size)
        self.first, self.second = nn.LayerNorm(size), nn.LayerNorm(size)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        """The places after the layer."""
        x = x + self.dropout(self.attention(self.first(x), real))
        result: Tensor = x + self.dropout(self.outer(self.dropout(F.relu(self.inner(self.second(x))))))
        return result


class TransformerEncoder(nn.Module):
    """Layers of self-attention over vectors to which those of their places are added.

    Shapes: (batch, time, size), real (batch, time) -> (batch, time, size), (batch, size): every place, and the mean of
        the real ones

    Reference: Vaswani et al., 2017, Attention Is All You Need, arXiv:1706.03762, sections 3.1 to 3.5.

    Differs from the paper: the norm comes before each sublayer, which needs no warm-up (Xiong et al., 2020,
        arXiv:2002.04745).
    """

    def __init__(self, size: int, layers: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.ModuleList(TransformerLayer(size, heads, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(size)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
        """Outputs at every place, and their mean."""
        size = x.shape[2]
        x = self.dropout(x * size**0.5 + sinusoids(x.shape[1], size, x.device))
        for layer in self.layers:
            x = layer(x, real)
        outputs = self.norm(x)
        return outputs, (outputs * real[:, :, None]).sum(1) / real.sum(1, keepdim=True)
