"""Leave a class out of the splits, so that it can be looked for as an anomaly."""

from dataclasses import dataclass, replace
from typing import Any, Protocol, cast

import torch
from torch import Tensor, device

from understudy.data.dataset import SPLITS, Batch, Dataset, Items
from understudy.errors import DataError, OptionError, UnknownName


class Labelled(Items, Protocol):
    """Items that have classes and can be divided."""

    y: Tensor

    def only(self, index: Tensor) -> Items:
        """Some of the items, in this order. `index` is (count,), int64, on the CPU."""
        ...


def leave_out(data: Dataset, name: str) -> Dataset:
    """The data without one class in any split; its items, of all splits, are the `outliers`.

    Class numbers and names stay as they are.

    Raises:
        OptionError: the data has no classes.
        UnknownName: it has none of that name.
        DataError: a split would be empty.
    """
    if not data.spec.classes:
        raise OptionError(f"leave_out={name}: '{data.name}' has no classes")
    if name not in data.spec.classes:
        raise UnknownName(f"class in '{data.name}':", name, data.spec.classes)
    number = data.spec.classes.index(name)
    kept: dict[str, Any] = {}
    out: list[Items] = []
    for split in SPLITS:
        items = cast(Labelled, data.split(split))
        chosen = items.y == number
        kept[split] = items.only(torch.nonzero(~chosen).flatten())
        out.append(items.only(torch.nonzero(chosen).flatten()))
        if not len(kept[split]):
            raise DataError(f"leave_out={name} leaves nothing in the {split} split of '{data.name}'")
    return replace(data, **kept, outliers=Joined(tuple(part for part in out if len(part))))


@dataclass(frozen=True)
class Joined:
    """Items of several splits, one after the other."""

    parts: tuple[Items, ...]

    def __len__(self) -> int:
        return sum(len(part) for part in self.parts)

    def take(self, index: Tensor) -> Batch:
        """The items at these positions, in this order."""
        batches, first = [], 0
        slots = []
        for part in self.parts:
            here = torch.nonzero((index >= first) & (index < first + len(part))).flatten()
            if len(here):
                batches.append(part.take(index[here] - first))
                slots.append(here)
            first += len(part)
        back = torch.cat(slots).argsort()
        x = torch.cat([batch.x for batch in batches])
        labels = [batch.y for batch in batches if batch.y is not None]
        return Batch(x[back.to(x.device)], torch.cat(labels)[back.to(x.device)] if labels else None)

    def to(self, target: device) -> "Joined":
        """The same items, delivered on `target`."""
        return Joined(tuple(part.to(target) for part in self.parts))
