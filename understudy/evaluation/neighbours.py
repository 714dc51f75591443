"""The items of a split that are nearest to some others: what a sample may have been copied from."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from understudy.data.batches import at_once, in_order
from understudy.data.dataset import Items
from understudy.data.spec import Spec

View = Callable[[Tensor], Tensor]


class Neighbours(NamedTuple):
    """What is nearest to each of some items, the nearest first.

    Shapes: (count, k) each, on the items' device.

    Attributes:
        distances: Euclidean.
        positions: in the split that was searched.
    """

    distances: Tensor
    positions: Tensor


def as_rows(x: Tensor) -> Tensor:
    """Items by all their values: (batch, *spec.shape) -> (batch, values)."""
    return x.flatten(1)


def nearest(x: Tensor, items: Items, spec: Spec, k: int = 1, view: View = as_rows) -> Neighbours:
    """The k items of a split that are nearest to each of x; fewer where the split has fewer.

    Args:
        x: such as a network's samples.
        items: such as `data.train`.
        spec: of both.
        k: how many.
        view: in what space they are compared.

    Shapes:
        x: (count, *spec.shape).

    Example:
        >>> found = nearest(network.sample(8, generator), data.train, data.spec)  # doctest: +SKIP
        >>> beside = data.train.take(found.positions[:, 0].cpu()).x  # doctest: +SKIP
    """
    asked = torch.cat([view(part) for part in x.split(at_once(spec))])
    centre = asked.mean(0)  # subtracted, so that large values do not swallow small differences in the products
    around = asked - centre
    best = torch.empty(len(x), 0, device=asked.device)
    places = torch.empty(len(x), 0, dtype=torch.int64, device=asked.device)
    first = 0
    for batch in in_order(items, at_once(spec)):
        rows = view(batch.x) - centre
        order = rows.square().sum(1) - 2 * around @ rows.T  # the squared distance, less what is the same for all rows
        candidates = torch.arange(first, first + len(rows), device=places.device).expand(len(x), -1)
        best, places = torch.cat([best, order], 1), torch.cat([places, candidates], 1)
        best, kept = best.topk(min(k, best.shape[1]), largest=False)
        places = places.gather(1, kept)
        first += len(rows)
    return _measured(asked, places, items, view)


def _measured(asked: Tensor, places: Tensor, items: Items, view: View) -> Neighbours:
    """Distances from differences: those from products would be off, and a copy's not 0."""
    columns = []
    for column in places.T:
        found = torch.cat([view(items.take(part).x) for part in column.cpu().split(100)])
        columns.append((asked - found).square().sum(1).sqrt())
    distances, order = torch.stack(columns, 1).sort(1)
    return Neighbours(distances, places.gather(1, order))
