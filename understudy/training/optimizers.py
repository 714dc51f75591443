"""The optimizers that options may name."""

from collections.abc import Callable, Iterable

import torch
from torch import nn
from torch.optim import Optimizer

from understudy.training.config import OptimizerName, TrainingConfig

Parameters = Iterable[nn.Parameter]


def _sgd(momentum: bool, nesterov: bool) -> Callable[[Parameters, TrainingConfig], Optimizer]:
    def build(parameters: Parameters, config: TrainingConfig) -> Optimizer:
        return torch.optim.SGD(
            parameters,
            lr=config.learning_rate,
            momentum=config.momentum if momentum else 0.0,
            nesterov=nesterov,
            weight_decay=config.weight_decay,
            fused=True,
        )

    return build


def _adagrad(parameters: Parameters, config: TrainingConfig) -> Optimizer:
    return torch.optim.Adagrad(parameters, lr=config.learning_rate, weight_decay=config.weight_decay)


def _rmsprop(parameters: Parameters, config: TrainingConfig) -> Optimizer:
    return torch.optim.RMSprop(parameters, lr=config.learning_rate, weight_decay=config.weight_decay)


def _adaptive(
    kind: Callable[..., Optimizer], *, fused: bool = True
) -> Callable[[Parameters, TrainingConfig], Optimizer]:
    def build(parameters: Parameters, config: TrainingConfig) -> Optimizer:
        extra = {"fused": True} if fused else {}
        betas = (config.beta1, config.beta2)
        return kind(parameters, lr=config.learning_rate, betas=betas, weight_decay=config.weight_decay, **extra)

    return build


OPTIMIZERS: dict[OptimizerName, Callable[[Parameters, TrainingConfig], Optimizer]] = {
    "sgd": _sgd(momentum=False, nesterov=False),
    "momentum": _sgd(momentum=True, nesterov=False),
    "nesterov": _sgd(momentum=True, nesterov=True),
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "adam": _adaptive(torch.optim.Adam),
    "adamw": _adaptive(torch.optim.AdamW),
    "adamax": _adaptive(torch.optim.Adamax, fused=False),
}


def optimizer(parameters: Parameters, config: TrainingConfig) -> Optimizer:
    """The optimizer that `config` names, over these parameters."""
    return OPTIMIZERS[config.optimizer](parameters, config)
