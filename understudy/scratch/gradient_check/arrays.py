"""The arrays inside an object: found by name, and replaced."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from understudy.scratch.layer import Array

DEPTH = 5  # a network of layers of caches is this deep


def found(thing: Any, name: str = "self", depth: int = DEPTH) -> Iterator[tuple[str, Array]]:
    """The arrays in an object's attributes, mappings and sequences, by their path; gradients are no material."""
    if isinstance(thing, np.ndarray):
        yield name, thing
        return
    if depth == 0:
        return
    for key, value in parts(thing):
        if key != "grads":
            yield from found(value, f"{name}.{key}" if name else key, depth - 1)


def parts(thing: Any) -> Iterator[tuple[str, Any]]:
    """What an object consists of."""
    if isinstance(thing, Mapping):
        yield from ((str(key), value) for key, value in thing.items())
    elif isinstance(thing, list | tuple):
        yield from ((str(number), value) for number, value in enumerate(thing))
    elif hasattr(thing, "__dict__") and not isinstance(thing, type):
        yield from vars(thing).items()


def substitute(thing: Any, replacements: Mapping[int, Array]) -> Any:
    """A deep copy in which other arrays stand for some: `replacements` maps their `id`.

    Wherever the object has an array twice, as attribute and as parameter, the copy has its replacement twice.
    """
    return copy.deepcopy(thing, dict(replacements))


def cast_up(thing: Any) -> Any:
    """A deep copy with float64 for every narrower float."""
    return substitute(thing, {id(array): wide(array) for _, array in found(thing) if narrow(array)})


def shorter(array: Array, axis: int, size: int, count: int) -> Array:
    """The first `count` places along an axis, if the array has `size` of them; else all of it."""
    return np.take(array, range(count), axis) if array.ndim > axis and array.shape[axis] == size else array


def narrow(array: Array) -> bool:
    """Whether differences need more digits than it has."""
    return bool(np.issubdtype(array.dtype, np.floating)) and array.dtype.itemsize < 8


def wide(value: Any) -> Array:
    """A copy as an array, a float as float64."""
    array = np.array(value)
    return array.astype(np.float64) if narrow(array) else array
