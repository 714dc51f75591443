"""The optimizers that options may name."""

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import torch
from torch import nn
from torch.optim import Optimizer

from understudy.errors import OptionError
from understudy.scratch.optimizers import SGD, Adagrad, Adam
from understudy.training.config import OptimizerName, TrainingConfig
from understudy.training.numpy_optimizer import NumPyOptimizer, Rule

Parameters = Iterable[nn.Parameter]


def _sgd(parameters: Parameters, config: TrainingConfig, momentum: float, nesterov: bool) -> Optimizer:
    return torch.optim.SGD(
        parameters,
        lr=config.learning_rate,
        momentum=momentum,
        nesterov=nesterov,
        weight_decay=config.weight_decay,
        fused=True,
    )


def _adagrad(parameters: Parameters, config: TrainingConfig) -> Optimizer:
    return torch.optim.Adagrad(
        parameters,
        lr=config.learning_rate,
        weight_decay=config.weight_decay,
        initial_accumulator_value=config.adagrad_start,
    )


def _rmsprop(parameters: Parameters, config: TrainingConfig) -> Optimizer:
    return torch.optim.RMSprop(parameters, lr=config.learning_rate, weight_decay=config.weight_decay)


def _adaptive(
    kind: Callable[..., Optimizer], parameters: Parameters, config: TrainingConfig, **extra: bool
) -> Optimizer:
    betas = (config.beta1, config.beta2)
    return kind(parameters, lr=config.learning_rate, betas=betas, weight_decay=config.weight_decay, **extra)


OPTIMIZERS: dict[OptimizerName, Callable[[Parameters, TrainingConfig], Optimizer]] = {
    "sgd": lambda parameters, config: _sgd(parameters, config, 0.0, nesterov=False),
    "momentum": lambda parameters, config: _sgd(parameters, config, config.momentum, nesterov=False),
    "nesterov": lambda parameters, config: _sgd(parameters, config, config.momentum, nesterov=True),
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "adam": lambda parameters, config: _adaptive(torch.optim.Adam, parameters, config, fused=True),
    "adamw": lambda parameters, config: _adaptive(torch.optim.AdamW, parameters, config, fused=True),
    "adamax": lambda parameters, config: _adaptive(torch.optim.Adamax, parameters, config),
}


RULES: dict[OptimizerName, Callable[[TrainingConfig], Rule]] = {
    "sgd": lambda config: SGD(config.learning_rate),
    "momentum": lambda config: SGD(config.learning_rate, config.momentum),
    "adagrad": lambda config: Adagrad(config.learning_rate, start=config.adagrad_start),
    "adam": lambda config: Adam(config.learning_rate, (config.beta1, config.beta2)),
}
"""The same by hand, in NumPy."""


def _by_hand(name: OptimizerName) -> Callable[[Parameters, TrainingConfig], Optimizer]:
    return lambda parameters, config: NumPyOptimizer(parameters, RULES[name](config), config.weight_decay)


Table = Mapping[OptimizerName, Callable[[Parameters, TrainingConfig], Optimizer]]
TABLES: dict[str, Table] = {"torch": OPTIMIZERS, "numpy": {name: _by_hand(name) for name in RULES}}


def optimizer(
    parameters: Parameters, config: TrainingConfig, arithmetic: Literal["torch", "numpy"] = "torch"
) -> Optimizer:
    """The optimizer that `config` names, over these parameters.

    Raises:
        OptionError: there is none of that name in this arithmetic.
    """
    table = TABLES[arithmetic]
    if config.optimizer not in table:
        raise OptionError(f"optimizer={config.optimizer}: this network learns in NumPy, by {', '.join(table)}")
    return table[config.optimizer](parameters, config)


def lay_out(mover: Optimizer) -> None:
    """Lay an optimizer's tensors out in memory as the parameters that they belong to.

    From a file they come in rows, and fused optimizers would take the numbers as they lie, without a word.
    """
    for parameter, kept in mover.state.items():
        for name, value in kept.items():
            if isinstance(value, torch.Tensor) and value.shape == parameter.shape:
                kept[name] = torch.empty_like(parameter).copy_(value)
