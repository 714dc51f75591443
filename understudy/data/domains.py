"""Pictures of two domains that nobody has paired: an item is a picture of each, whichever the shuffles bring together.

Reference:
    Zhu et al. 2017, "Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks",
    arXiv:1703.10593, section 3: training samples {x_i} of X and {y_j} of Y.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, device

from understudy.data.batches import along
from understudy.data.dataset import SPLITS, Batch, Dataset, Items
from understudy.data.spec import DomainsSpec, ImageSpec
from understudy.data.splits import permutation
from understudy.errors import DataError

Sides = tuple[Items, Items]


@dataclass(frozen=True, slots=True)
class DomainItems:
    """One split. A batch has no classes, so that training cannot see any; each side keeps its own for the scores.

    An epoch has as many items as the larger domain has pictures. The smaller one's come back sooner: pass after pass,
    each in an order of its own, so that over many epochs every picture of a domain is seen as often as any other.

    Attributes:
        sides: each domain's pictures.
    """

    sides: Sides
    y: None = None

    def __len__(self) -> int:
        return max(map(len, self.sides))

    def take(self, index: Tensor) -> Batch:
        """A picture of each domain, by its place there; the smaller domain's are counted round and round.

        Shapes: (batch,) -> (batch, 2, channels, height, width)
        """
        return _paired([side.take(index % len(side)) for side in self.sides])

    def each(self, change: Callable[[Items], Items]) -> "DomainItems":
        """The same with both sides changed."""
        first, second = self.sides
        return DomainItems((change(first), change(second)))

    def to(self, target: device) -> "DomainItems":
        """The same items, delivered on `target`."""
        return self.each(lambda side: side.to(target))

    def batch_count(self, batch: int) -> int:
        """Batches in one epoch; the last may be smaller."""
        return -(-len(self) // batch)

    def batches(self, batch: int, seed: int, epoch: int, start: int) -> Iterator[Batch]:
        """One epoch from batch `start` on."""
        first, end = (epoch - 1) * len(self), epoch * len(self)
        orders = [_shuffled(len(side), number, seed, first, end) for number, side in enumerate(self.sides)]
        return self._along([order[start * batch :] for order in orders], batch)

    def in_order(self, batch: int) -> Iterator[Batch]:
        """Every picture of the larger domain once, and of the smaller one round and round."""
        places = torch.arange(len(self))
        return self._along([places % len(side) for side in self.sides], batch)

    def _along(self, orders: list[Tensor], batch: int) -> Iterator[Batch]:
        streams = (along(side, order, batch) for side, order in zip(self.sides, orders, strict=True))
        return map(_paired, zip(*streams, strict=True))


def _shuffled(count: int, domain: int, seed: int, first: int, end: int) -> Tensor:
    """Places `first` to `end` of one domain's endless row of shuffled passes."""
    passes = range(first // count, -(-end // count))
    row = torch.cat([torch.from_numpy(permutation(count, 6, seed, domain, number)) for number in passes])
    return row[first - passes.start * count :][: end - first]


def _paired(batches: list[Batch] | tuple[Batch, ...]) -> Batch:
    return Batch(torch.stack([batch.x for batch in batches], dim=1))


def unpaired(name: str, first: Dataset, second: Dataset, names: tuple[str, str]) -> Dataset:
    """Two sets of pictures as two domains. Their classes are kept where both have the same ones.

    Raises:
        DataError: the pictures of one have another shape than those of the other.
    """
    specs = cast(tuple[ImageSpec, ImageSpec], (first.spec, second.spec))
    if specs[0].shape != specs[1].shape:
        listed = " and ".join(f"{domain} {spec.describe()}" for domain, spec in zip(names, specs, strict=True))
        raise DataError(f"the domains of '{name}' differ: {listed}; pass --image-size N to bring all to NxN")
    classes = specs[0].classes if specs[0].classes == specs[1].classes else ()
    spec = DomainsSpec(specs[0].channels, specs[0].height, specs[0].width, names, classes)
    train, validation, test = (DomainItems((first.split(it), second.split(it))) for it in SPLITS)
    fingerprint = hashlib.blake2b(f"{first.fingerprint} {second.fingerprint}".encode(), digest_size=16).hexdigest()
    return Dataset(name, spec, train, validation, test, fingerprint)


def domain(data: Dataset, number: int) -> Dataset:
    """One of the two domains as a set of pictures of its own."""
    spec = cast(DomainsSpec, data.spec)
    train, validation, test = (cast(DomainItems, data.split(it)).sides[number] for it in SPLITS)
    return Dataset(spec.names[number], spec.picture, train, validation, test, data.fingerprint)
