"""Where things lie in a picture, as a map that is learnt: larger, smaller, shifted, turned, stretched."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Placing(nn.Module):
    """One affine map of places, the same for every picture. It begins as the map that changes nothing.

    Reference:
        Jaderberg et al., 2015, Spatial Transformer Networks, arXiv:1506.02025, sections 3.2 and 3.3.

    Differs from the paper:
        The map is a parameter, where the paper has a network that reads it off each picture: it is for two sets of
        pictures that lie differently in their frames.
    """

    black = -1.0
    rate = 5.0
    """How many times as fast as other weights the map learns under Adam: it has tenths to go, they have hundredths."""

    def __init__(self) -> None:
        super().__init__()
        self.change = nn.Parameter(torch.zeros(2, 3))

    @property
    def map(self) -> Tensor:
        """From places in the result to places in what is given, both from -1 to 1: (2, 3)."""
        return torch.eye(2, 3, device=self.change.device) + self.rate * self.change

    def forward(self, x: Tensor) -> Tensor:
        """What comes in from outside is black: (batch, channels, height, width), from -1 to 1 -> the same shape."""
        places = F.affine_grid(self.map.expand(len(x), 2, 3), list(x.shape), align_corners=False)
        placed: Tensor = F.grid_sample(x - self.black, places, align_corners=False) + self.black
        return placed
