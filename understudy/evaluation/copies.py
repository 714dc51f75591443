"""Are generated items copies of training items?"""

import torch
from torch import Tensor

from understudy.data.batches import order
from understudy.data.dataset import Batch, Dataset, Items
from understudy.data.spec import ImageSpec, Spec, VectorSpec
from understudy.evaluation.digit_networks import as_digits
from understudy.evaluation.figures import Figure, grid
from understudy.evaluation.generation import chosen, drawn
from understudy.evaluation.neighbours import View, as_rows, nearest
from understudy.models.capabilities import Samples

ASKED = 500
"""Items that a network is asked for, and training items that are kept back to compare them with."""
SEARCHED = 60_000
EXPECTED = 0.02
LEAST = 200
"""Items below which one in fifty cannot be told from chance."""
SHOWN, NEAREST = 16, 3
"""Samples beside which training pictures are shown, and how many of these."""


def score_copies(network: Samples, data: Dataset, *, seed: int) -> dict[str, float]:
    """Share of the generated items that lie nearer to a training item than unseen items do, all but 2% of them.

    How near is told by a ratio: an item's distance to its nearest training item, over that to its nearest test item. So
    an item that is near everything, as a blurred one is, counts as nobody's copy, and neither does one of a frequent
    kind. What the ratio is for items that were not copied is read off 500 training items that are kept back from the
    search, so that it does not matter how many items either split has, or that they were collected apart. Of them 2%
    are within the bound; `copied` is the share of generated items that are.

    The rule: up to 10% is chance, more is copying.

    Pictures of more than 28x28 values are compared in grey and at that size.

    Reference:
        Meehan, Chaudhuri and Dasgupta, 2020, A non-parametric test to detect data-copying in generative models,
        arXiv:2004.05675: three samples, of which the test one says how near is too near.
        Carlini et al., 2023, Extracting training data from diffusion models, arXiv:2301.13188, section 5.1: distances
        relative to those of other near items.

    Differs from the papers:
        a share with a bound in place of a rank statistic in each cell of the space: rows that lie near many items, as
        those of a network that leaves out what is rare, are not accused.
    """
    kept = min(ASKED, len(data.train) // 4)
    if not isinstance(data.spec, ImageSpec | VectorSpec) or min(kept, len(data.test)) < LEAST:
        return {}
    places = order(len(data.train), seed, 3)
    searched = Part(data.train, places[kept : kept + SEARCHED].sort().values)
    unseen = torch.cat([x for x, _ in chosen(Part(data.train, places[:kept]), kept, data.spec, seed)])
    made = torch.cat(list(drawn(network, kept, data.spec, seed)))
    ratios = ratio_of_distances(torch.cat([unseen, made]), searched, data.test, data.spec)
    bound = ratios[:kept].quantile(EXPECTED)
    return {"copied": (ratios[kept:] <= bound).float().mean().item()}


def ratio_of_distances(x: Tensor, known: Items, unknown: Items, spec: Spec) -> Tensor:
    """Distance to the nearest known item over that to the nearest unknown one: (count, *spec.shape) -> (count,)."""
    near, far = (nearest(x, items, spec, view=_view(spec)).distances[:, 0] for items in (known, unknown))
    return near / far.clamp_min(1e-12)


def look_alikes(network: Samples, data: Dataset, *, seed: int) -> list[Figure]:
    """Samples, and the training pictures that are nearest to each: what a copy was copied from would stand first."""
    if not isinstance(data.spec, ImageSpec):
        return []
    made = network.sample(SHOWN, torch.Generator().manual_seed(seed))
    searched = Part(data.train, order(len(data.train), seed, 3)[:SEARCHED].sort().values)
    found = nearest(made, searched, data.spec, NEAREST, _view(data.spec)).positions.cpu()
    rows = torch.cat([made.cpu(), *(searched.take(column).x.cpu() for column in found.T)])
    caption = (
        f"Samples above; below each the {found.shape[1]} training pictures that are nearest to it, the nearest first. "
        "A sample that equals one was copied."
    )
    return [Figure("look-alikes", "Nearest in training", caption, image=grid(rows, SHOWN))]


def _view(spec: Spec) -> View:
    return in_grey if isinstance(spec, ImageSpec) and spec.size > 28 * 28 else as_rows


def in_grey(x: Tensor) -> Tensor:
    """(batch, channels, height, width) -> (batch, 784)."""
    return as_digits(x).flatten(1)


class Part:
    """Some of a split's items.

    Args:
        places: (count,), positions in the split.
    """

    def __init__(self, items: Items, places: Tensor) -> None:
        self.items, self.places = items, places

    def __len__(self) -> int:
        return len(self.places)

    def take(self, index: Tensor) -> Batch:
        """The items at these positions, in this order."""
        return self.items.take(self.places[index])

    def to(self, target: torch.device) -> "Part":
        """The same items, delivered on `target`."""
        return Part(self.items.to(target), self.places)
