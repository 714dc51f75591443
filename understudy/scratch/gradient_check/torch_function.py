"""A `torch.autograd.Function`, called as autograd would call it but without autograd's checks of what it returns."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from understudy.scratch.gradient_check.subject import Gradients, Subject, Trial, argument_names, named
from understudy.scratch.layer import Array


class TorchTrial:
    """One `apply`; its context is the output's node in the graph."""

    def __init__(self, function: Any, input_names: list[str]) -> None:
        self.function, self.input_names = function, input_names
        self.node: Any = None
        self.outputs: list[Tensor] = []

    def params(self) -> dict[str, Array]:
        """None: everything is an input."""
        return {}

    def arguments(self, tensors: list[Any]) -> list[Any]:
        """What the function is called with."""
        return tensors

    def forward(self, inputs: Sequence[Array]) -> Any:
        """The function's output; several as one, flat."""
        tensors = [torch.tensor(each) if isinstance(each, np.ndarray) else each for each in inputs]
        for tensor in tensors:
            if isinstance(tensor, Tensor):
                tensor.requires_grad_(tensor.is_floating_point())
        y = self.function.apply(*self.arguments(tensors))
        self.outputs = [y] if isinstance(y, Tensor) else [each for each in y if isinstance(each, Tensor)]
        graded = [each for each in self.outputs if each.requires_grad]
        if not graded:
            raise TypeError("no output has a gradient")
        self.node = graded[0].grad_fn
        flat = graded[0] if len(self.outputs) == 1 else torch.cat([each.flatten() for each in graded])
        return flat.detach().numpy()

    def kept(self) -> dict[str, Array]:
        """Saved tensors, and tensors set on the context; the arrays share their memory."""
        saved = {f"saved_tensors[{number}]": each for number, each in enumerate(self.node.saved_tensors)}
        tensors = {**saved, **{f"ctx.{name}": each for name, each in vars(self.node).items()}}
        return {name: each.detach().numpy() for name, each in tensors.items() if isinstance(each, Tensor)}

    def replace(self, name: str, array: Array) -> None:
        """Write over a kept tensor."""
        np.copyto(self.kept()[name], array, casting="unsafe")

    def backward(self, dy: Array) -> Gradients:
        """What it returns for each input."""
        return named(self.input_names, tuple(ungraded(each) for each in self.returned(dy)))

    def returned(self, dy: Array) -> tuple[Any, ...]:
        """What `backward` returns, given dy of every output: 0 for those without gradient."""
        rest, parts = torch.tensor(dy), []
        for each in self.outputs:
            count = each.numel() if each.requires_grad else 0
            part, rest = (rest, rest) if len(self.outputs) == 1 else (rest[:count], rest[count:])
            parts.append(part.reshape(each.shape).to(each.dtype) if count else torch.zeros_like(each))
        with torch.no_grad():
            found = self.function.backward(self.node, *parts)
        return found if isinstance(found, tuple) else (found,)


def ungraded(value: Any) -> Any:
    """A tensor as an array."""
    return value.detach().numpy() if isinstance(value, Tensor) else value


class TorchSubject:
    """A subclass of `torch.autograd.Function`."""

    def __init__(self, function: Any) -> None:
        self.function, self.name = function, str(function.__name__)
        names = argument_names(function.forward)
        own_context = "setup_context" in vars(function)  # then forward has no ctx argument
        self.input_names = names if own_context else names[1:]

    def trial(self) -> Trial:
        """Nothing to copy: a Function keeps nothing outside its context."""
        return TorchTrial(self.function, self.input_names)

    def shorter(self, axis: int, size: int, count: int) -> Subject:
        """It has no arrays."""
        return self
