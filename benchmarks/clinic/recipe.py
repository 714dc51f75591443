"""A training as a run file asks for it, and how settings are drawn at random."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

SETS = ("calibrate", "choose", "frozen")
"""Rules are changed on the first and checked on the second; the third is scored once."""


@dataclass(frozen=True)
class Recipe:
    """What `us.train(network, data, seed=seed, settings=settings)` takes."""

    network: str
    data: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0

    def but(self, **settings: Any) -> "Recipe":
        """The same with other settings."""
        return replace(self, settings={**self.settings, **settings})


class Draw(random.Random):
    """Chance of one instance: the same for the same set, name and number, and of no other."""

    def __init__(self, *of: object) -> None:
        super().__init__("/".join(map(str, of)))

    def log(self, low: float, high: float) -> float:
        """Even on a logarithmic scale, to two digits."""
        return float(f"{math.exp(self.uniform(math.log(low), math.log(high))):.2g}")

    def layers(self, widths: Sequence[int], least: int, most: int) -> tuple[int, ...]:
        """Sizes of so many layers, none larger than the one before."""
        return tuple(sorted((self.choice(widths) for _ in range(self.randint(least, most))), reverse=True))
