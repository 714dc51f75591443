"""A history of made pictures, so that a discriminator does not forget what the generator did before."""

import torch
from torch import Tensor


class ImagePool:
    """Up to `size` pictures that were made earlier; with `size` 0 there is no history.

    Reference:
        Shrivastava et al., 2017, Learning from Simulated and Unsupervised Images through Adversarial Training,
        arXiv:1612.07828, section 2.3.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.held: Tensor | None = None

    def exchange(self, made: Tensor) -> Tensor:
        """Give pictures, get as many: until the pool is full the same ones, then each by half a chance an older one.

        A picture that goes for an older one takes its place. The chance is torch's own, and asks no device anything.

        Shapes: (batch, *picture) -> the same shape
        """
        if not self.size:
            return made
        held = made[:0] if self.held is None else self.held
        kept, rest = made.split([room := min(self.size - len(held), len(made)), len(made) - room])
        self.held = held = torch.cat([held, kept]) if room else held
        changed = torch.nonzero(torch.rand(len(rest)) < 0.5).flatten()[: len(held)]
        places = torch.randperm(len(held))[: len(changed)]
        found = rest.index_copy(0, changed.to(made.device), held[places])
        held[places] = rest[changed]
        return torch.cat([kept, found])

    def state(self) -> Tensor | None:
        """A copy of the pictures that it holds."""
        return None if self.held is None else self.held.clone()
