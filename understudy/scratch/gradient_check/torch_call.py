"""A `torch.autograd.Function` at one call of it, as it happened in a training run."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from understudy.scratch.gradient_check.arrays import shorter
from understudy.scratch.gradient_check.subject import Gradients, Subject, Trial, argument_names, named
from understudy.scratch.gradient_check.torch_function import TorchTrial, ungraded
from understudy.scratch.layer import Array

SEED = 0


class CalledTrial(TorchTrial):
    """One `apply` with the call's other arguments, its chance always the same."""

    def __init__(self, function: Any, input_names: list[str], args: Sequence[Any], places: Sequence[int]) -> None:
        super().__init__(function, input_names)
        self.args, self.places = list(args), list(places)
        self.shapes: list[tuple[int, ...]] = []

    def forward(self, inputs: Sequence[Array]) -> Any:
        """The function's output."""
        torch.manual_seed(SEED)
        self.shapes = [each.shape for each in inputs]
        return super().forward(inputs)

    def arguments(self, tensors: list[Any]) -> list[Any]:
        """All of the call's arguments, these in their places."""
        args = [each.clone() if isinstance(each, Tensor) else each for each in self.args]
        for place, tensor in zip(self.places, tensors, strict=True):
            args[place] = tensor
        return args

    def backward(self, dy: Array) -> Gradients:
        """What arrives at each input: autograd sums over axes along which an input was spread."""
        returned = self.returned(dy)
        mine = [returned[place] if place < len(returned) else None for place in self.places]
        arrived = [_summed(each, shape) for each, shape in zip(mine, self.shapes, strict=True)]
        return named(self.input_names, tuple(ungraded(each) for each in arrived))


class CalledSubject:
    """The function; what needed a gradient in the call is moved, all else stays as it was.

    Args:
        function: the subclass of `torch.autograd.Function`.
        args: of the call, without the context.
        moved: places of the tensors that needed a gradient.
    """

    def __init__(self, function: Any, args: Sequence[Any], moved: Sequence[int]) -> None:
        self.function, self.name = function, str(function.__name__)
        self.args, self.places = [_wide(each) for each in args], list(moved)
        names = argument_names(function.forward)
        names = names if "setup_context" in vars(function) else names[1:]
        self.input_names = [names[place] if place < len(names) else f"input {place}" for place in self.places]

    @property
    def inputs(self) -> list[Array]:
        """What is moved, as it was."""
        return [self.args[place].numpy() for place in self.places]

    def trial(self) -> Trial:
        """Nothing to copy: a Function keeps nothing outside its context."""
        return CalledTrial(self.function, self.input_names, self.args, self.places)

    def shorter(self, axis: int, size: int, count: int) -> Subject:
        """Of the other tensors, those that have the size."""
        cut = [
            torch.from_numpy(shorter(each.numpy(), axis, size, count).copy()) if isinstance(each, Tensor) else each
            for each in self.args
        ]
        return CalledSubject(self.function, cut, self.places)


def _wide(value: Any) -> Any:
    """A tensor on the processor, a float as float64; anything else as it is."""
    if not isinstance(value, Tensor):
        return value
    found = value.detach().cpu()
    return found.double() if found.is_floating_point() else found


def _summed(gradient: Any, shape: tuple[int, ...]) -> Any:
    if not isinstance(gradient, Tensor) or gradient.shape == shape:
        return gradient
    try:
        return gradient.sum_to_size(shape)
    except RuntimeError:  # not spread: the shape is wrong, and is told
        return gradient
