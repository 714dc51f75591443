"""Training and held-out items that a user passes, whatever they are kept in."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, default_collate

from understudy.doctor.subject import Part
from understudy.errors import OptionError

Items = ArrayLike | Tensor | tuple[Any, Any] | Dataset[Any] | DataLoader[Any]
BY_ONE = 2000
"""Items of a dataset that are fetched one by one, at most."""


def parts_of(training: Items, held_out: Items) -> Mapping[str, Callable[[int], Part]]:
    """The two parts, to be asked for at most so many items."""
    return {"training": partial(_part, training), "held-out": partial(_part, held_out)}


def _part(source: Any, most: int) -> Part:
    if isinstance(source, DataLoader):
        source = source.dataset
    if isinstance(source, Tensor | np.ndarray):
        return Part(_spread(source, most))
    if isinstance(source, tuple | list) and len(source) == 2 and len(source[0]) == len(source[1]):
        return _with_classes(*(_spread(one, most) for one in source))
    if hasattr(source, "__getitem__") and hasattr(source, "__len__"):
        return _fetched(source, min(most, BY_ONE))
    raise OptionError(
        f"data has {type(source).__name__}; it takes tensors, arrays, (items, classes), datasets with a length, or "
        "loaders"
    )


def _places(count: int, most: int) -> list[int]:
    return torch.linspace(0, count - 1, min(most, count)).long().tolist()


def _spread(items: Any, most: int) -> Tensor:
    return torch.as_tensor(items)[_places(len(items), most)]


def _fetched(source: Sequence[Any], most: int) -> Part:
    """Item by item; a dataset may draw at random, which leaves no trace."""
    chance = random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng([]):
            found = default_collate([source[place] for place in _places(len(source), most)])
    finally:
        random.setstate(chance[0])
        np.random.set_state(chance[1])
    if isinstance(found, Tensor):
        return Part(found)
    return _with_classes(*found[:2])


def _with_classes(items: Tensor, second: Any) -> Part:
    """The second of a pair is classes only if they are whole numbers, one for each item."""
    classes = isinstance(second, Tensor) and second.dim() == 1 and not second.is_floating_point()
    return Part(items, second if classes else None)
