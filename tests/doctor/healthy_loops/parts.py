"""What the loops are made of, and the table that they are in."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

Loop = Callable[[], Any]
LOOPS: dict[str, Loop] = {}
STEPS = 24


def healthy(loop: Loop) -> Loop:
    LOOPS[loop.__name__] = loop
    return loop


def mlp(*sizes: int, last: nn.Module | None = None) -> nn.Sequential:
    layers: list[nn.Module] = []
    for i, o in pairwise(sizes):
        layers += [nn.Linear(i, o), nn.ReLU()]
    return nn.Sequential(*layers[:-1], *([last] if last else []))


def adam(*modules: nn.Module, lr: float = 1e-3, **options: Any) -> torch.optim.Adam:
    return torch.optim.Adam([p for m in modules for p in m.parameters()], lr=lr, **options)


def classes(count: int = 64, features: int = 8, of: int = 3) -> tuple[Tensor, Tensor]:
    x = torch.randn(count, features)
    return x, x[:, :of].argmax(1)
