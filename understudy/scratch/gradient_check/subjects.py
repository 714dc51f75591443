"""Code with a hand-written backward pass, in the forms in which people write it."""

import copy
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from understudy.errors import OptionError
from understudy.scratch.gradient_check.arrays import cast_up, found, shorter, substitute
from understudy.scratch.gradient_check.subject import Gradients, Subject, Trial, argument_names, named
from understudy.scratch.layer import Array


def call_backward(function: Callable[..., Any], dy: Array, *rest: Any) -> Any:
    """Call it with dy, or without where it takes none: the gradient of a loss."""
    try:
        inspect.signature(function).bind(dy, *rest)
    except TypeError:
        return function(*rest)
    return function(float(dy) if dy.ndim == 0 else dy, *rest)


class PlainTrial:
    """An object of the plain form."""

    def __init__(self, layer: Any, input_names: list[str]) -> None:
        self.layer, self.input_names = layer, input_names

    def params(self) -> dict[str, Array]:
        """The object's own arrays."""
        return dict(getattr(self.layer, "params", None) or {})

    def forward(self, inputs: Sequence[Array]) -> Any:
        """The object's output."""
        return self.layer.forward(*inputs)

    def kept(self) -> dict[str, Array]:
        """Arrays among its attributes."""
        return dict(found(self.layer))

    def replace(self, name: str, array: Array) -> None:
        """Copy the object, one array exchanged."""
        self.layer = substitute(self.layer, {id(self.kept()[name]): array})

    def backward(self, dy: Array) -> Gradients:
        """What it returns and what it fills `grads` with."""
        if hasattr(self.layer, "zero_grad"):  # whoever has it may add up
            self.layer.zero_grad()
        gradients = named(self.input_names, call_backward(self.layer.backward, dy))
        grads = getattr(self.layer, "grads", None) or {}
        return gradients | {name: None if grads.get(name) is None else np.array(grads[name]) for name in self.params()}


class PlainSubject:
    """A plain object; parameters in float32 are cast up."""

    def __init__(self, layer: Any) -> None:
        self.layer = with_arrays(cast_up(layer))
        self.name = type(layer).__name__
        self.input_names = argument_names(layer.forward)

    def trial(self) -> Trial:
        """A deep copy."""
        return PlainTrial(copy.deepcopy(self.layer), self.input_names)

    def shorter(self, axis: int, size: int, count: int) -> Subject:
        """Parameters stay."""
        fixed = {id(array) for array in self.trial_params().values()}
        own = {id(array): shorter(array, axis, size, count) for _, array in found(self.layer) if id(array) not in fixed}
        return PlainSubject(substitute(self.layer, own))

    def trial_params(self) -> dict[str, Array]:
        """The parameters of the object itself."""
        return PlainTrial(self.layer, self.input_names).params()


class PairTrial:
    """A pair of functions: y = forward(*inputs), backward(dy, *inputs); or (y, cache), backward(dy, cache)."""

    def __init__(self, forward: Callable[..., Any], backward: Callable[..., Any], input_names: list[str]) -> None:
        self.functions, self.input_names = (forward, backward), input_names
        self.memory: tuple[Any, ...] = ()

    def params(self) -> dict[str, Array]:
        """None: everything is an input."""
        return {}

    def forward(self, inputs: Sequence[Array]) -> Any:
        """The first function's output, without its cache."""
        y = self.functions[0](*inputs)
        self.memory = tuple(inputs)
        if isinstance(y, tuple):
            y, self.memory = y[0], y[1:]
        return y

    def kept(self) -> dict[str, Array]:
        """The arrays in the cache, or the inputs."""
        names = self.input_names if len(self.memory) == len(self.input_names) > 1 else ["cache"]
        return {name: array for key, part in zip(names, self.memory, strict=False) for name, array in found(part, key)}

    def replace(self, name: str, array: Array) -> None:
        """Copy the cache, one array exchanged."""
        self.memory = substitute(self.memory, {id(self.kept()[name]): array})

    def backward(self, dy: Array) -> Gradients:
        """What the second function returns."""
        return named(self.input_names, call_backward(self.functions[1], dy, *self.memory))


class PairSubject:
    """Functions forward and backward."""

    def __init__(self, forward: Callable[..., Any], backward: Callable[..., Any]) -> None:
        self.functions = (forward, backward)
        self.name = getattr(forward, "__name__", "forward")
        self.input_names = argument_names(forward)

    def trial(self) -> Trial:
        """Nothing to copy: functions keep nothing."""
        return PairTrial(*self.functions, self.input_names)

    def shorter(self, axis: int, size: int, count: int) -> Subject:
        """It has no arrays."""
        return self


def with_arrays(layer: Any) -> Any:
    """The layer, numbers among its parameters as arrays, so that they can be moved.

    Raises:
        OptionError: its parameters are no mapping to arrays.
    """
    params = getattr(layer, "params", None) or {}
    if not isinstance(params, Mapping):
        raise OptionError(f"{type(layer).__name__}.params is a {type(params).__name__}; it must map names to arrays")
    for name, value in params.items():
        if not isinstance(value, np.ndarray | float | int | np.number):
            raise OptionError(f"{type(layer).__name__}.params['{name}'] is a {type(value).__name__}, not an array")
        if not isinstance(value, np.ndarray):
            layer.params[name] = np.asarray(value, np.float64)
    return layer


def subject_of(thing: Any) -> Subject:
    """The subject that something is.

    Raises:
        OptionError: it has no backward pass, or is a class that cannot be built without arguments.
    """
    torch = sys.modules.get("torch")  # a subclass of its Function has imported it
    if torch is not None and isinstance(thing, type) and issubclass(thing, torch.autograd.Function):
        from understudy.scratch.gradient_check.torch_function import TorchSubject

        return TorchSubject(thing)
    if isinstance(thing, tuple) and len(thing) == 2 and all(map(callable, thing)):
        return PairSubject(*thing)
    if isinstance(thing, type):
        thing = built(thing)
    if callable(getattr(thing, "forward", None)) and callable(getattr(thing, "backward", None)):
        return PlainSubject(thing)
    raise OptionError(
        f"{type(thing).__name__} has no backward pass of its own; accepted are an object with forward(x) and "
        "backward(dy), a pair of functions, and a torch.autograd.Function"
    )


def built(kind: type) -> Any:
    """An object of a class.

    Raises:
        OptionError: the class fails without arguments.
    """
    try:
        return kind()
    except Exception as error:
        raise OptionError(f"{kind.__name__}() fails: {error!r}; it must be built without arguments") from error
