"""An optimizer of `scratch` behind PyTorch's interface."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import torch
from torch import nn
from torch.optim import Optimizer

from understudy.scratch.layer import Array


class Rule(Protocol):
    """How the optimizers of `scratch` step."""

    rate: float

    def step(self, params: Mapping[str, Array], grads: Mapping[str, Array]) -> None:
        """One step."""
        ...


class NumPyOptimizer(Optimizer):
    """Moves parameters on the CPU by a rule in NumPy, in place.

    Args:
        rule: its arrays are the optimizer's state.
        weight_decay: pull of the weights to 0, through the gradient.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], rule: Rule, weight_decay: float) -> None:
        super().__init__(parameters, {"lr": rule.rate, "weight_decay": weight_decay})
        self.rule = rule

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """One step along the gradients that `backward` left."""
        if closure is not None:
            raise NotImplementedError("the loop's backward pass is the only one")
        (group,) = self.param_groups
        moved = {str(number): parameter for number, parameter in enumerate(group["params"])}
        params = {name: parameter.numpy() for name, parameter in moved.items()}
        grads = {name: parameter.grad.numpy() for name, parameter in moved.items()}
        if group["weight_decay"]:
            grads = {name: grad + group["weight_decay"] * params[name] for name, grad in grads.items()}
        self.rule.rate = group["lr"]
        self.rule.step(params, grads)

    def state_dict(self) -> dict[str, Any]:
        """The rule's numbers, and its arrays as tensors."""
        return {
            name: {key: torch.from_numpy(array.copy()) for key, array in value.items()}
            if isinstance(value, dict)
            else value
            for name, value in vars(self.rule).items()
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from `state_dict`."""
        for name, value in state_dict.items():
            arrays = isinstance(value, dict)
            kept = {key: tensor.numpy().copy() for key, tensor in value.items()} if arrays else value
            setattr(self.rule, name, kept)
