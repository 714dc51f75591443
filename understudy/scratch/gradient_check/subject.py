"""What the checker asks of anything with a hand-written backward: trials, and their gradients by name."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from understudy.scratch.layer import Array

Gradients = dict[str, Array | None]


class Trial(Protocol):
    """A copy of the subject, to be tried once: what is done to it reaches no other trial."""

    def params(self) -> dict[str, Array]:
        """Its parameters; a change in place counts."""
        ...

    def forward(self, inputs: Sequence[Array]) -> Any:
        """The output."""
        ...

    def kept(self) -> dict[str, Array]:
        """The arrays that it keeps for the backward pass, by name."""
        ...

    def replace(self, name: str, array: Array) -> None:
        """Let another array stand for a kept one."""
        ...

    def backward(self, dy: Array) -> Gradients:
        """Gradients by name of input and parameter; an input that gets none is left out."""
        ...


class Subject(Protocol):
    """What is checked.

    Attributes:
        name: what to call it.
        input_names: names of `forward`'s arguments.
    """

    name: str
    input_names: list[str]

    def trial(self) -> Trial:
        """A fresh copy."""
        ...

    def shorter(self, axis: int, size: int, count: int) -> "Subject":
        """The same, where its own arrays (a target) have `size` places along an axis, with the first `count` alone."""
        ...


def argument_names(function: Callable[..., Any]) -> list[str]:
    """Names of a function's positional arguments; `x` alone where it takes any number."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [name for name, each in inspect.signature(function).parameters.items() if each.kind in kinds] or ["x"]


def named(names: Sequence[str], returned: Any) -> Gradients:
    """What `backward` returned, by input: one array is the first input's; None in a tuple is an input without any."""
    if isinstance(returned, Mapping):
        return {str(key): None if value is None else np.asarray(value) for key, value in returned.items()}
    if not isinstance(returned, tuple | list):
        return {names[0]: None if returned is None else np.asarray(returned)}
    gradients: Gradients = {names[0]: None}
    gradients |= {name: np.asarray(each) for name, each in zip(names, returned, strict=False) if each is not None}
    return gradients
