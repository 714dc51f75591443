"""Running a user's network aside: afterwards modes, buffers, attributes and all randomness are as they were."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

SEED = 0
OWN = {"_parameters", "_buffers", "_modules", "training"}
"""Attributes of a module that are not its user's."""


@contextmanager
def aside(module: nn.Module) -> Iterator[None]:
    """Within the block the network is in evaluation mode, without gradient, and its chance is the same each time.

    Modes are set part by part, never by `eval()`, which some networks use to change their weights.
    """
    parts = list(module.modules())
    modes = [part.training for part in parts]
    buffers = [(buffer, buffer.clone()) for buffer in module.buffers()]
    attributes = [_attributes(part) for part in parts]
    others = random.getstate(), np.random.get_state()
    devices = list({weight.device for weight in module.parameters() if weight.device.type == "cuda"})
    try:
        with torch.random.fork_rng(devices), torch.no_grad():
            for part in parts:
                part.training = False
            yield
    finally:
        for part, mode, kept in zip(parts, modes, attributes, strict=True):
            part.training = mode
            for name in [name for name in vars(part) if name not in kept and name not in OWN]:
                del part.__dict__[name]
            part.__dict__.update(kept)
        with torch.no_grad():
            for buffer, before in buffers:
                if not torch.equal(buffer, before):
                    buffer.copy_(before)
        random.setstate(others[0])
        np.random.set_state(others[1])


def same_chance() -> None:
    """The next draws are those after every other call of this."""
    torch.manual_seed(SEED)
    random.seed(SEED)
    np.random.seed(SEED)


def _attributes(part: nn.Module) -> dict[str, Any]:
    """What is in it, lists and dicts copied: a network may append to its own."""
    return {
        name: value.copy() if type(value) in (list, dict, set) else value
        for name, value in vars(part).items()
        if name not in OWN
    }
