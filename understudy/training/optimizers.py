"""The optimizers that options may name."""

from collections.abc import Callable, Iterable

import torch
from torch import nn
from torch.optim import Optimizer

from understudy.training.config import OptimizerName, TrainingConfig

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
    return torch.optim.Adagrad(parameters, lr=config.learning_rate, weight_decay=config.weight_decay)


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


def optimizer(parameters: Parameters, config: TrainingConfig) -> Optimizer:
    """The optimizer that `config` names, over these parameters."""
    return OPTIMIZERS[config.optimizer](parameters, config)
