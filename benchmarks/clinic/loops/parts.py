"""What several loops share: bundled data, plain layers, an optimizer by name."""

import functools
import pydoc_data.topics
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

from benchmarks.clinic.recipe import Draw

Settings = dict[str, Any]
ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "gelu": nn.GELU, "leaky": nn.LeakyReLU, "elu": nn.ELU, "silu": nn.SiLU}
RATES = {
    "adam": (7e-4, 4e-3),
    "adamw": (7e-4, 4e-3),
    "rmsprop": (5e-4, 2e-3),
    "momentum": (0.01, 0.05),
    "sgd": (0.05, 0.2),
}


def learning(draw: Draw, *optimizers: str) -> Settings:
    """Optimizer, rate, batch and seed."""
    name = draw.choice(optimizers or ("adam", "adam", "adam", "adamw", "rmsprop", "momentum", "sgd"))
    batch = draw.choice((16, 32, 64, 64, 100))
    return {"optimizer": name, "rate": draw.log(*RATES[name]), "batch": batch, "seed": draw.randrange(2**31)}


def optimizer(settings: Settings, parameters: Iterable[Any], factor: float = 1.0) -> torch.optim.Optimizer:
    """The one that the settings name."""
    rate = factor * settings["rate"]
    if settings["optimizer"] == "momentum":
        return torch.optim.SGD(parameters, lr=rate, momentum=0.9)
    kinds = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "rmsprop": torch.optim.RMSprop}
    kind: Any = kinds.get(settings["optimizer"], torch.optim.SGD)
    made: torch.optim.Optimizer = kind(parameters, lr=rate)
    return made


def mlp(sizes: list[int], activation: str = "relu", dropout: float = 0.0, norm: bool = False) -> nn.Sequential:
    """Dense layers, the last one without activation."""
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after)]
        layers += [nn.BatchNorm1d(after)] * norm
        layers += [ACTIVATIONS[activation]()]
        layers += [nn.Dropout(dropout)] * (dropout > 0)
    used = next(number for number in range(len(layers) - 1, -1, -1) if isinstance(layers[number], nn.Linear))
    return nn.Sequential(*layers[: used + 1])


@functools.cache
def digits() -> tuple[Tensor, Tensor]:
    """1,797 pictures from 0 to 1, (items, 64), and their classes."""
    found = load_digits()
    return torch.tensor(found.data, dtype=torch.float32) / 16, torch.tensor(found.target)


@functools.cache
def letters() -> tuple[Tensor, int]:
    """Python's own help as numbers, and how many letters it has."""
    text = "".join(pydoc_data.topics.topics[key] for key in ("import", "class", "yield", "function", "with"))
    known = {letter: number for number, letter in enumerate(sorted(set(text)))}
    return torch.tensor([known[letter] for letter in text]), len(known)
