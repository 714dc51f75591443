"""A codebook: vectors that stand for all others, each near its own."""

import torch
from torch import Tensor, nn

from understudy.layers.precision import full_precision

FLOOR = 1e-5
"""Members of which a code has fewer keep it where it is."""


class Codebook(nn.Module):
    """Vector quantisation: each vector is replaced by the nearest of `size` codes.

    In training mode the codes follow their members by moving averages, N <- decay N + (1 - decay) n and
    m <- decay m + (1 - decay) sum z, code = m / N, and a code that hardly any vector chooses is put on a vector of the
    batch. There are no parameters: nothing here has a gradient.

    Args:
        restart_below: a code's share of the average use, under which it is restarted.

    Reference:
        Van den Oord, Vinyals and Kavukcuoglu, 2017, Neural Discrete Representation Learning, arXiv:1711.00937, appendix
        A.1.
        Dhariwal et al., 2020, Jukebox, arXiv:2005.00341, section 3: random restarts.
    """

    codes: Tensor
    uses: Tensor
    sums: Tensor

    def __init__(self, size: int, dim: int, decay: float, restart_below: float) -> None:
        super().__init__()
        self.decay, self.restart_below = decay, restart_below
        self.register_buffer("codes", torch.randn(size, dim))
        self.register_buffer("uses", torch.zeros(size))  # none yet: the first batch places all codes
        self.register_buffer("sums", torch.zeros(size, dim))

    def nearest(self, vectors: Tensor) -> Tensor:
        """The number of each vector's code: (count, dim) -> (count,)."""
        with full_precision(vectors.device):
            # The squared distance less |z|^2, which is the same for every code.
            distances = self.codes.square().sum(1) - 2 * vectors.float() @ self.codes.T
        return distances.argmin(1)

    def forward(self, vectors: Tensor) -> tuple[Tensor, Tensor]:
        """Each vector's code and its number: (count, dim) -> (count, dim) and (count,)."""
        vectors = vectors.detach().float()
        if self.training:
            self.restart(vectors)
        numbers = self.nearest(vectors)
        chosen = self.codes[numbers]
        if self.training:
            self.follow(vectors, numbers)
        return chosen, numbers

    @torch.no_grad()
    def follow(self, vectors: Tensor, numbers: Tensor) -> None:
        """Move the codes towards their members' mean."""
        counts = torch.bincount(numbers, minlength=len(self.codes)).to(self.uses.dtype)
        totals = torch.zeros_like(self.sums).index_add_(0, numbers, vectors)
        self.uses.lerp_(counts, 1 - self.decay)
        self.sums.lerp_(totals, 1 - self.decay)
        known = self.uses > FLOOR
        self.codes[known] = self.sums[known] / self.uses[known, None]

    @torch.no_grad()
    def restart(self, vectors: Tensor) -> None:
        """Put codes that are hardly in use on vectors drawn from these; at first that is all of them."""
        average = len(vectors) / len(self.codes)
        first = not self.uses.any()
        dead = torch.ones_like(self.uses, dtype=torch.bool) if first else self.uses < self.restart_below * average
        count = int(dead.sum())
        if count:
            drawn = vectors[torch.randint(len(vectors), (count,), device=vectors.device)]
            self.codes[dead], self.sums[dead], self.uses[dead] = drawn, drawn * average, average
