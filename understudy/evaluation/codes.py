"""What is a code like: how many of its numbers does it use, and do they say different things?"""

import torch
from torch import Tensor

from understudy.data.batches import at_once, in_order
from understudy.data.dataset import Dataset, Items
from understudy.data.spec import Spec
from understudy.models.capabilities import Encodes

CODED = 10_000


def codes_of(network: Encodes, items: Items, spec: Spec, limit: int = CODED) -> tuple[Tensor, Tensor | None]:
    """Codes and labels of the first `limit` items: (count, latent_dim) and (count,), on the CPU."""
    codes, labels, count = [], [], 0
    for batch in in_order(items, at_once(spec)):
        codes.append(network.encode(batch.x).flatten(1).cpu())
        labels.append(batch.y)
        count += len(batch)
        if count >= limit:
            break
    known = [label.cpu() for label in labels if label is not None]
    return torch.cat(codes)[:limit], torch.cat(known)[:limit] if known else None


def score_codes(network: Encodes, data: Dataset, *, seed: int) -> dict[str, float]:
    """Size, effective rank and mean absolute correlation of the test items' codes."""
    codes, _ = codes_of(network, data.test, data.spec)
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
    values = torch.linalg.svdvals(codes.double() - codes.double().mean(0))
    shares = values / values.sum().clamp_min(1e-300)
    return float(torch.exp(-torch.special.xlogy(shares, shares).sum()))


def mean_correlation(codes: Tensor) -> float:
    """Mean |correlation| between two different numbers of a code; those that never change are left out."""
    centred = codes.double() - codes.double().mean(0)
    deviation = centred.square().mean(0).sqrt()
    moving = deviation > 1e-6 * deviation.max()
    count = int(moving.sum())
    if count < 2:
        return 0.0
    scaled = centred[:, moving] / deviation[moving]
    correlation = scaled.T @ scaled / len(codes)
    return float((correlation.abs().sum() - count) / (count * (count - 1)))
