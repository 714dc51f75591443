"""Running a network without a trace: modes, buffers, carried state and randomness are as they were, to the bit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from understudy.models.network import Network


@contextmanager
def undisturbed(module: nn.Module, *, training: bool, seed: int | None = 0) -> Iterator[None]:
    """Within the block the network is in training or evaluation mode; gradients of parameters are the caller's care.

    Args:
        seed: of the randomness within; None: it goes on from the present state.
    """
    modes = [(part, part.training) for part in module.modules()]
    buffers = [(buffer, buffer.clone()) for buffer in module.buffers()]
    carried = module.carried() if isinstance(module, Network) else {}
    try:
        with torch.random.fork_rng(_devices(module)):
            if seed is not None:
                torch.manual_seed(seed)
            module.train(training)
            yield
    finally:
        for part, mode in modes:
            part.training = mode
        with torch.no_grad():
            for buffer, before in buffers:
                buffer.copy_(before)
        if isinstance(module, Network):
            module.carry(carried)


def random_state(module: nn.Module) -> list[Tensor]:
    """Of the generators that the network draws from: the processor's, and its devices'."""
    return [torch.get_rng_state(), *(torch.cuda.get_rng_state(device) for device in _devices(module))]


def set_random_state(module: nn.Module, state: list[Tensor]) -> None:
    """Go on from `random_state`."""
    torch.set_rng_state(state[0])
    for device, of_device in zip(_devices(module), state[1:], strict=True):
        torch.cuda.set_rng_state(of_device, device)


def _devices(module: nn.Module) -> list[torch.device]:
    return list({parameter.device for parameter in module.parameters() if parameter.device.type == "cuda"})
