"""The same pictures of two domains, each made one of the other domain's, over training."""

from collections.abc import Sequence
from typing import cast

import torch

from understudy.data.dataset import Items
from understudy.data.spec import DomainsSpec
from understudy.evaluation.figures import Figure
from understudy.evaluation.film.scene import Shot
from understudy.evaluation.film.sheet import STRIP_ROWS, most_across, moving, strip, thumbnails
from understudy.evaluation.pictures import some
from understudy.models.capabilities import Transfers
from understudy.models.network import Network


class Domains:
    """Four rows: pictures of either domain, below each what is made of it.

    Args:
        items: the pictures; validation's, as the test split waits for the end.
        seed: of which they are.
    """

    def __init__(self, spec: DomainsSpec, items: Items, seed: int) -> None:
        self.names = spec.names
        pictures = some(items, most_across(spec.picture), seed).x  # (count, 2, channels, height, width)
        self.given = (pictures[:, 0], pictures[:, 1])

    def shoot(self, network: Network) -> Shot:
        """What is made of either domain's pictures, the first's before the second's: (2 * count, ...), uint8."""
        made = [cast(Transfers, network).transfer(x, to) for x, to in zip(self.given, self.names[::-1], strict=True)]
        return {"pictures": thumbnails(torch.cat(made))}

    def figures(self, steps: Sequence[int], shots: Sequence[Shot]) -> list[Figure]:
        """The film of the four rows, and some pictures over time."""
        first, second = (thumbnails(x) for x in self.given)
        count, few = len(first), min(len(first), STRIP_ROWS // 2)
        made = [shot["pictures"].split(count) for shot in shots]
        names = " and ".join(self.names)
        return [
            moving(
                "Pictures on their way to the other domain",
                f"Pictures of {names}, validation's, and below each what the network makes of it.",
                steps,
                [torch.cat([first, ours, second, theirs]) for ours, theirs in made],
                count,
            ),
            strip(
                "From one domain to the other",
                f"Pictures of {names}, and what the network makes of each, by the step of training.",
                steps,
                [torch.cat([ours[:few], theirs[:few]]) for ours, theirs in made],
                torch.cat([first[:few], second[:few]]),
            ),
        ]
