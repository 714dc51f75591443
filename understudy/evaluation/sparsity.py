"""Is a sparse code as sparse as was asked, and what do its units look for?"""

import torch
from torch import Tensor

from understudy.data.batches import at_once, in_order
from understudy.data.dataset import Dataset
from understudy.data.spec import ImageSpec
from understudy.evaluation.figures import Figure, grid
from understudy.evaluation.pictures import some
from understudy.models.capabilities import Filters, Sparse

ALIVE = 1e-3
FILTERS = 100
COLUMNS = 20
VARIED = 100  # items that tell how much a pixel varies


def score_sparsity(network: Sparse, data: Dataset, *, seed: int) -> dict[str, float]:
    """Mean activity of the test items' codes, what was asked for, and the share of units that hardly ever act."""
    total, count = torch.zeros(()), 0
    for batch in in_order(data.test, at_once(data.spec)):
        active = network.activity(network.encode(batch.x))
        total, count = total + active.sum(0).cpu(), count + len(batch)
    each = total / count  # (latent_dim,)
    asked = network.asked_activity()
    return {
        "code_activity": each.mean().item(),
        **({} if asked is None else {"asked_activity": asked}),
        "idle_units": (each < ALIVE).double().mean().item(),
    }


def filters(network: Filters, data: Dataset, *, seed: int) -> list[Figure]:
    """Weights of the first layer's units as pictures, times the deviation of the pixel, scaled to the largest."""
    weights = network.filters().cpu()
    if not isinstance(data.spec, ImageSpec) or min(weights.shape[2:]) < 2:
        return []
    what = ""
    if weights.shape[1:] == data.spec.shape:
        # A pixel that is always black leaves its weights where they began: what counts is what it can contribute.
        weights = weights * some(data.test, VARIED, seed).x.std(0, correction=0).cpu()
        what = " times each pixel's deviation"
    strongest = weights.flatten(1).norm(dim=1).argsort(descending=True)[:FILTERS]
    caption = (
        f"Weights of the first layer{what}, {len(strongest)} of {len(weights)} units, the "
        "strongest first: grey is 0, white is what a unit looks for, black what it must not see."
    )
    return [Figure("filters", "Filters", caption, image=grid(_scaled(weights[strongest]), COLUMNS))]


def _scaled(weights: Tensor) -> Tensor:
    largest = weights.flatten(1).abs().amax(1).clamp_min(1e-12)
    return 0.5 + 0.5 * weights / largest.view(-1, 1, 1, 1)
