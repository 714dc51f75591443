"""How far apart two sets of points are, as distributions."""

import math

import torch
from torch import Tensor

from understudy.errors import DataError

KID_SUBSETS, KID_SUBSET = 20, 1_000
BLOCK = 500


def refuse_not_finite(rows: Tensor, what: str) -> None:
    """Refuse rows that no distance can be measured to.

    Shapes: (count, values).

    Raises:
        DataError: a value is NaN or infinite.
    """
    bad = int((~torch.isfinite(rows).all(1)).sum())
    if bad:
        raise DataError(f"{bad:,} of {len(rows):,} {what} are not finite, so that nothing can be compared with them")


def frechet(real: Tensor, made: Tensor) -> float:
    """Squared Fréchet distance of the normal distributions with the two sets' means and covariances.

    |m - n|^2 + tr(A + B - 2 (A B)^1/2), of which the last trace is the sum of the roots of the eigenvalues of
    A^1/2 B A^1/2. It says too much where items are few: beside it stands that of two real sets of the same size.

    Shapes: (count, values), (count of the others, values).

    Reference:
        Heusel et al., 2017, GANs Trained by a Two Time-Scale Update Rule, arXiv:1706.08500, equation 6.
    """
    real, made = real.double(), made.double()
    a, b = (torch.cov(rows.T).reshape(real.shape[1], -1) for rows in (real, made))
    values, vectors = torch.linalg.eigh(a)
    root = vectors * values.clamp_min(0).sqrt() @ vectors.T
    shared = torch.linalg.eigvalsh(root @ b @ root).clamp_min(0).sqrt().sum()
    distance = (real.mean(0) - made.mean(0)).square().sum() + a.trace() + b.trace() - 2 * shared
    return max(0.0, float(distance))


def kernel(real: Tensor, made: Tensor, seed: int) -> tuple[float, float]:
    """Squared maximum mean discrepancy with the kernel (x y / values + 1)^3: mean and deviation over random subsets.

    Unbiased, so that it may be below 0. There are 20 subsets of up to 1,000 items, of half the items at most.

    Shapes: (count, values), (count of the others, values).

    Reference:
        Binkowski et al., 2018, Demystifying MMD GANs, arXiv:1801.01401, sections 4 and 4.1.
    """
    size = min(KID_SUBSET, len(real) // 2, len(made) // 2)
    draw = torch.Generator().manual_seed(seed)
    found = []
    for _ in range(KID_SUBSETS):
        x, y = (rows[torch.randperm(len(rows), generator=draw)[:size]] for rows in (real, made))
        found.append(_discrepancy(x.double(), y.double()))
    values = torch.stack(found)
    return values.mean().item(), values.std().item()


def _discrepancy(x: Tensor, y: Tensor) -> Tensor:
    def similarity(left: Tensor, right: Tensor) -> Tensor:
        return (left @ right.T / left.shape[1] + 1) ** 3

    def among(rows: Tensor) -> Tensor:
        every = similarity(rows, rows)
        return (every.sum() - every.trace()) / (len(rows) * (len(rows) - 1))

    return among(x) + among(y) - 2 * similarity(x, y).mean()


def energy(x: Tensor, y: Tensor) -> float:
    """Energy distance, the root of 2 E|X - Y| - E|X - X'| - E|Y - Y'|; 0 for equal sets alone.

    Shapes: (count, values), (count of the others, values).

    Reference:
        Szekely and Rizzo, 2013, Energy statistics: a class of statistics based on distances, section 2.
    """
    squared = 2 * _mean_distance(x, y) - _mean_distance(x, x) - _mean_distance(y, y)
    return math.sqrt(max(0.0, squared))


def _mean_distance(x: Tensor, y: Tensor) -> float:
    x, y = x.double(), y.double()
    total = sum(float(torch.cdist(part, y).sum()) for part in x.split(BLOCK))
    return total / (len(x) * len(y))
