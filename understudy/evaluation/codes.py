"""What is a code like: how many of its numbers does it use, and do they say different things?"""

from collections.abc import Callable

import torch
from torch import Tensor

from understudy.data.batches import at_once, in_order
from understudy.data.dataset import Dataset, Items
from understudy.data.spec import Spec
from understudy.models.capabilities import Encodes, HasPosterior

CODED = 10_000
CODE_VALUES = 20_000_000
"""Numbers of codes held at once: 10,000 codes of 2,000, fewer of larger ones."""
COMPARED = 1_000
"""Numbers of a code that are compared with each other, the most spread-out ones."""


def latent(network: Encodes) -> Callable[[Tensor], Tensor]:
    """What is judged as a network's code: the posterior's mean where there is one, else the code itself.

    A conditional network's code names the class as well, which would be no merit of its codes.
    """
    return (lambda x: network.posterior(x)[0]) if isinstance(network, HasPosterior) else network.encode


def codes_of(
    way: Callable[[Tensor], Tensor], items: Items, spec: Spec, limit: int = CODED
) -> tuple[Tensor, Tensor | None]:
    """Codes and labels of the first items, at most `limit`: (count, latent_dim) and (count,), on the CPU."""
    codes, labels, count = [], [], 0
    for batch in in_order(items, at_once(spec)):
        codes.append(way(batch.x).flatten(1).cpu())
        labels.append(batch.y)
        count += len(batch)
        limit = min(limit, max(2, CODE_VALUES // codes[0].shape[1]))
        if count >= limit:
            break
    known = [label.cpu() for label in labels if label is not None]
    return torch.cat(codes)[:limit], torch.cat(known)[:limit] if known else None


def score_codes(network: Encodes, data: Dataset, *, seed: int) -> dict[str, float]:
    """Size, effective rank and mean absolute correlation of the test items' codes."""
    codes, _ = codes_of(latent(network), data.test, data.spec)
    return {
        "code_size": codes.shape[1],
        "effective_rank": effective_rank(codes),
        "code_correlation": mean_correlation(codes),
    }


def effective_rank(codes: Tensor) -> float:
    """How many directions the codes fill, from 1 to their size: exp of the entropy of the singular values' shares.

    Shapes: (count, latent_dim), centred here.

    Reference: Roy and Vetterli, 2007, The effective rank: a measure of effective dimensionality, EUSIPCO, definition 2.
    """
    centred = codes.double() - codes.double().mean(0)
    if min(centred.shape) > COMPARED:  # the singular values of that many items tell enough
        centred = centred[:COMPARED] - centred[:COMPARED].mean(0)
    values = torch.linalg.svdvals(centred)
    shares = values / values.sum().clamp_min(1e-300)
    return float(torch.exp(-torch.special.xlogy(shares, shares).sum()))


def mean_correlation(codes: Tensor) -> float:
    """Mean |correlation| between two different numbers of a code; those that never change are left out."""
    centred = codes.double() - codes.double().mean(0)
    deviation = centred.square().mean(0).sqrt()
    widest = deviation.argsort(descending=True)[:COMPARED]
    moving = widest[deviation[widest] > 1e-6 * deviation.max()]
    count = len(moving)
    if count < 2:
        return 0.0
    scaled = centred[:, moving] / deviation[moving]
    correlation = scaled.T @ scaled / len(codes)
    return float((correlation.abs().sum() - count) / (count * (count - 1)))
