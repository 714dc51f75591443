"""Does a weight look as if nothing had ever been learnt in it?"""

from __future__ import annotations

import math

from torch import Tensor

FEWEST = 64
"""Numbers below which nothing can be told."""
NEAR = 0.04
"""Share by which a sample's spread may differ from the distribution's."""


def looks_fresh(weight: Tensor) -> bool:
    """Whether the numbers are spread as torch's layers begin: evenly up to a bound, or normally with deviation 1.

    An even distribution has a deviation of its bound over the root of 3; what has been learnt has longer tails.
    """
    values = weight.detach().float()
    if values.numel() < FEWEST or values.dim() < 2:
        return False
    deviation, bound = values.std().item(), values.abs().max().item()
    if abs(values.mean().item()) > 6 * deviation / math.sqrt(values.numel()):
        return False
    even = abs(deviation * math.sqrt(3) / bound - 1) < max(NEAR, 1 / math.sqrt(values.numel())) if bound else False
    return even or abs(deviation - 1) < NEAR
