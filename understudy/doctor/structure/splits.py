"""Two parts of the data: do they share items, can they be told apart, and has one classes that the other lacks?"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable

import torch
from torch import Tensor


def prints(items: Tensor) -> list[bytes]:
    """A short hash of each item: (items, ...) -> as many."""
    rows = items.detach().cpu().flatten(1).contiguous().numpy()
    return [hashlib.blake2b(row.tobytes(), digest_size=8).digest() for row in rows]


def overlap(training: Iterable[bytes], held_out: Iterable[bytes]) -> tuple[float, float]:
    """The share of held-out items that are in the training part too, and of training items that are there twice."""
    first, second = list(training), list(held_out)
    known = set(first)
    shared = sum(one in known for one in second) / max(1, len(second))
    return shared, 1 - len(known) / max(1, len(first))


def told_apart(training: Tensor, held_out: Tensor) -> tuple[float, float]:
    """How well a linear classifier tells the two parts apart, on items that it has not seen.

    Ridge regression on one half of each part, ranked on the other half, and the other way round.

    Shapes: (items, ...) both

    Returns:
        the area under the curve, 0.5 where it cannot, and the standard error of that for parts of no difference.

    Reference:
        Lopez-Paz and Oquab, 2017, Revisiting Classifier Two-Sample Tests, arXiv:1610.06545, section 3.
        Hanley and McNeil, 1982, The Meaning and Use of the Area under a ROC Curve, for the standard error.
    """
    first, second = (part.detach().cpu().flatten(1).double() for part in (training, held_out))
    x = torch.cat([first, second])
    deviation = x.std(0)
    x = ((x - x.mean(0)) / deviation.clamp_min(1e-12))[:, deviation > 0]
    x = torch.cat([x, x.square() - 1], 1) if x.shape[1] <= len(x) // 4 else x  # few columns: their spread tells too
    y = torch.cat([-torch.ones(len(first)), torch.ones(len(second))]).double()
    half = torch.arange(len(x)) % 2 == 0
    areas = [area(x[~mine] @ ridge(x[mine], y[mine]), y[~mine] > 0) for mine in (half, ~half)]
    few, many = sorted((len(first), len(second)))
    return sum(areas) / 2, math.sqrt((few + many + 1) / (12 * few * many))


def ridge(x: Tensor, y: Tensor) -> Tensor:
    """Weights of a linear answer, each class counting as much: (items, features), (items,) -> (features,)."""
    root = torch.where(y > 0, (y < 0).double().mean(), (y > 0).double().mean()).sqrt()
    rows, answers = x * root[:, None], y * root
    wide = rows.shape[1] > rows.shape[0]  # then as many equations as items say the same
    square = rows @ rows.T if wide else rows.T @ rows
    square.diagonal().add_(rows.square().sum() / rows.shape[1] + 1e-12)
    solved = torch.linalg.solve(square, answers if wide else rows.T @ answers)
    weights: Tensor = rows.T @ solved if wide else solved
    return weights


def area(scores: Tensor, positive: Tensor) -> float:
    """The share of pairs in which the positive one has the larger score: (items,) both."""
    order = scores.argsort()
    ranks = torch.empty_like(order).scatter_(0, order, torch.arange(1, len(order) + 1))
    count = int(positive.sum())
    return (ranks[positive].sum().item() - count * (count + 1) / 2) / max(1, count * (len(order) - count))


def missing_classes(training: Tensor, held_out: Tensor) -> list[int]:
    """Classes of held-out items of which there is no training item: (items,) both -> their numbers."""
    return sorted(set(held_out.unique().tolist()) - set(training.unique().tolist()))
