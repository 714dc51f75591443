"""Batches of one epoch, in an order that the seed and the epoch alone decide, from any batch on."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import torch
from torch import Tensor

from understudy.data.dataset import Batch, Items, OwnBatches
from understudy.data.memory import ArrayItems
from understudy.data.spec import Spec
from understudy.data.splits import permutation
from understudy.data.streaming import PictureItems


def order(count: int, seed: int, epoch: int) -> Tensor:
    """The items' order in one epoch; the global random state is neither read nor moved.

    Shapes: (count,), int64, on the CPU.
    """
    return torch.from_numpy(permutation(count, 2, seed, epoch))


def batch_count(items: Items, batch: int) -> int:
    """Batches in one epoch; the last may be smaller."""
    return items.batch_count(batch) if isinstance(items, OwnBatches) else -(-len(items) // batch)


def at_once(spec: Spec) -> int:
    """Items of which no gradient is kept that may pass a network together: 8 MB, 65,536 tokens, and at most 500."""
    values = 2_000_000 if spec.dtype == "float32" else 65_536  # a token becomes hundreds of numbers
    return max(1, min(500, values // spec.size))


def batches(items: Items, batch: int, *, seed: int, epoch: int, start: int = 0) -> Iterator[Batch]:
    """One shuffled epoch.

    Args:
        items: the split.
        batch: items in each batch; the last may have fewer.
        seed: the run's seed.
        epoch: which epoch; each has its own order.
        start: the batch to begin at: what follows is the tail of the full epoch, so that a run resumes anywhere.
    """
    if isinstance(items, OwnBatches):
        return items.batches(batch, seed, epoch, start)
    return along(items, order(len(items), seed, epoch)[start * batch :], batch)


def in_order(items: Items, batch: int) -> Iterator[Batch]:
    """Every item once, in the split's own order."""
    if isinstance(items, OwnBatches):
        return items.in_order(batch)
    return along(items, torch.arange(len(items)), batch)


def along(items: Items, positions: Tensor, batch: int) -> Iterator[Batch]:
    """The items at these positions, in this order, so many at a time."""
    if isinstance(items, ArrayItems):
        positions = positions.to(items.x.device)  # once per epoch, not once per step
    indices = [positions[first : first + batch] for first in range(0, len(positions), batch)]
    return _ahead(items, indices) if isinstance(items, PictureItems) else map(items.take, indices)


def _ahead(items: PictureItems, indices: list[Tensor]) -> Iterator[Batch]:
    """Decodes the next batch while this one trains: never more than one ahead, and waiting as 8 bits."""
    decoding: deque[tuple[Tensor, Future[Tensor]]] = deque()
    with ThreadPoolExecutor(1, thread_name_prefix="understudy-read-ahead") as reader:
        for index in indices:
            decoding.append((index, reader.submit(items.pixels, index)))
            if len(decoding) > 1:
                yield _next(items, decoding)
        if decoding:
            yield _next(items, decoding)


def _next(items: PictureItems, decoding: deque[tuple[Tensor, Future[Tensor]]]) -> Batch:
    index, read = decoding.popleft()
    return items.batch(index, read.result())
