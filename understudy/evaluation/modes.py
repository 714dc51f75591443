"""Are all the kinds of real items among the made ones, and as often?"""

import math

from torch import Tensor

FEW = 0.1
"""Of a class's share in the real items: made ones that have less are without it, whatever a judge's mistakes add."""


def compare_classes(real: Tensor, made: Tensor) -> dict[str, float]:
    """Total variation of the classes' shares, half the sum of their differences; and how many classes are missing.

    A class is missing if its share of the made items is less than a tenth of what it should be.

    Shapes: (classes,) counts each.
    """
    known, found = shares(real), shares(made)
    return {
        "class_tv": ((known - found).abs().sum() / 2).item(),
        "missing_classes": int((found < FEW * known).sum()),
    }


def divergence(made: Tensor, real: Tensor) -> float:
    """KL(made || real) of the shares of counted modes, in nats; infinite where real items have none of a made mode.

    Shapes: (modes,) counts each.
    """
    found, known = shares(made), shares(real)
    if ((found > 0) & (known == 0)).any():
        return math.inf
    present = found > 0
    return (found[present] * (found[present] / known[present]).log()).sum().item()


def shares(counts: Tensor) -> Tensor:
    """Counts over their sum."""
    return counts.double() / counts.sum()
