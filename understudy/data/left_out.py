"""Leave a class out of the splits, so that it can be looked for as an anomaly."""

import dataclasses
from dataclasses import dataclass, replace
from typing import Any, Protocol, cast

import numpy as np
import torch
from torch import Tensor, device

from understudy.data.dataset import SPLITS, Batch, Dataset, Items
from understudy.data.memory import ArrayItems
from understudy.data.spec import VectorSpec
from understudy.errors import DataError, OptionError, UnknownName


class Labelled(Items, Protocol):
    """Items that have classes and can be divided."""

    y: Tensor

    def only(self, index: Tensor) -> Any:
        """Some of the items, in this order. `index` is (count,), int64, on the CPU."""
        ...


def leave_out(data: Dataset, name: str, *, rescale: bool) -> Dataset:
    """The data without one class, which its spec no longer names; its items, of all splits, are the `outliers`.

    Args:
        rescale: standardise rows anew, by the training items that are left: what was left out must not be felt.

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
    out: list[Any] = []
    for split in SPLITS:
        items = cast(Labelled, data.split(split))
        chosen = items.y == number
        rest = items.only(torch.nonzero(~chosen).flatten())
        kept[split] = replace(rest, y=rest.y - (rest.y > number).long())
        out.append(replace(items.only(torch.nonzero(chosen).flatten()), y=None))
        if not len(rest):
            raise DataError(f"leave_out={name} leaves nothing in the {split} split of '{data.name}'")
    classes = tuple(other for other in data.spec.classes if other != name)
    found = replace(
        data,
        **kept,
        spec=dataclasses.replace(data.spec, classes=classes),
        outliers=Joined(tuple(part for part in out if len(part))),
        modes=None,  # one of them is no more
    )
    return _rescaled(found) if rescale and isinstance(data.spec, VectorSpec) else found


def _rescaled(data: Dataset) -> Dataset:
    """Rows standardised by the training items that are left; their spec says how."""
    spec, outliers = cast(VectorSpec, data.spec), cast(Joined, data.outliers)
    rows = cast(ArrayItems, data.train).x.double()
    mean, std = rows.mean(0), rows.std(0, correction=0)
    std[std == 0] = 1.0  # a column that never changes

    def scaled(items: Any) -> Any:
        return replace(items, x=((items.x.double() - mean) / std).float())

    old_mean, old_std = (np.asarray(values) for values in (spec.mean, spec.std))
    return replace(
        data,
        **{split: scaled(data.split(split)) for split in SPLITS},
        outliers=Joined(tuple(scaled(part) for part in outliers.parts)),
        spec=dataclasses.replace(
            spec, mean=tuple((old_mean + old_std * mean.numpy()).tolist()), std=tuple((old_std * std.numpy()).tolist())
        ),
    )


@dataclass(frozen=True)
class Joined:
    """Items of several splits, one after the other, without classes."""

    parts: tuple[Items, ...]

    def __len__(self) -> int:
        return sum(len(part) for part in self.parts)

    def take(self, index: Tensor) -> Batch:
        """The items at these positions, in this order."""
        taken, slots, first = [], [], 0
        for part in self.parts:
            here = torch.nonzero((index >= first) & (index < first + len(part))).flatten()
            if len(here):
                taken.append(part.take(index[here] - first).x)
                slots.append(here)
            first += len(part)
        x = torch.cat(taken)
        return Batch(x[torch.cat(slots).argsort().to(x.device)])

    def to(self, target: device) -> "Joined":
        """The same items, delivered on `target`."""
        return Joined(tuple(part.to(target) for part in self.parts))
