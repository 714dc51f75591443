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
JUDGED = 256
"""Items of each part that a loss is asked of."""
BY_ONE = 2000
"""Items of a dataset that are fetched one by one, at most."""


def parts_of(training: Items, held_out: Items) -> Mapping[str, Callable[[int], Part]]:
    """The two parts, to be asked for at most so many items."""
    return {"training": partial(_part, training), "held-out": partial(_part, held_out)}


def pairs_of(training: Items, held_out: Items) -> Mapping[str, tuple[Tensor, Tensor]]:
    """Some items of both with their targets, as `fitted` and `validation`.

    Raises:
        OptionError: there are no targets.
    """
    found = {"fitted": _taken(training, JUDGED), "validation": _taken(held_out, JUDGED)}
    for x, y in found.values():
        if not isinstance(y, Tensor):
            raise OptionError(
                f"loss takes an answer and a target: pass data=((x, y), (x, y)), got {len(x)} items alone"
            )
    return found


def _part(source: Any, most: int) -> Part:
    items, second = _taken(source, most)
    return Part(items) if second is None else _with_classes(items, second)


def _taken(source: Any, most: int) -> tuple[Tensor, Any]:
    """Items, evenly spread, and what comes with each; None where nothing does."""
    if isinstance(source, DataLoader):
        source = source.dataset
    if isinstance(source, Tensor | np.ndarray):
        return _spread(source, most), None
    if isinstance(source, tuple | list) and len(source) == 2 and len(source[0]) == len(source[1]):
        return _spread(source[0], most), _spread(source[1], most)
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


def _fetched(source: Sequence[Any], most: int) -> tuple[Tensor, Any]:
    """Item by item; a dataset may draw at random, which leaves no trace."""
    chance = random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng([]):
            found = default_collate([source[place] for place in _places(len(source), most)])
    finally:
        random.setstate(chance[0])
        np.random.set_state(chance[1])
    return (found, None) if isinstance(found, Tensor) else (found[0], found[1])


def _with_classes(items: Tensor, second: Any) -> Part:
    """The second of a pair is classes only if they are whole numbers, one for each item."""
    classes = isinstance(second, Tensor) and second.dim() == 1 and not second.is_floating_point()
    return Part(items, second if classes else None)
