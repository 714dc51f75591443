"""What a film is of."""

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor

from understudy.evaluation.figures import Figure
from understudy.models.network import Network

Shot = dict[str, Tensor]
"""What is kept of a moment, on the CPU: numbers, drawn once training is over."""


class Scene(Protocol):
    """Takes shots while a network trains, and draws them afterwards."""

    def shoot(self, network: Network) -> Shot:
        """A moment of the network; cheap, and of the same noise each time."""
        ...

    def figures(self, steps: Sequence[int], shots: Sequence[Shot]) -> list[Figure]:
        """The film, and a strip of stills."""
        ...


def stills(count: int, most: int) -> list[int]:
    """Which of so many frames a strip shows, the first and the last among them."""
    if count <= most:
        return list(range(count))
    return [round(place * (count - 1) / (most - 1)) for place in range(most)]
