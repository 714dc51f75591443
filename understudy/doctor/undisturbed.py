"""Running a network without a trace: all that it keeps beside its parameters is as it was, and so is chance."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from understudy.models.network import Network


class Snapshot:
    """A network's attributes, modes and buffers, and the state of the generators that it draws from.

    Attributes that hold tensors, such as a state carried from batch to batch, are kept as they are, not copied: a
    network replaces them; what it says that it carries is copied. Parameters are not part of it.
    """

    def __init__(self, module: nn.Module) -> None:
        self.module = module
        self._attributes = [(part, dict(vars(part)), dict(part._buffers)) for part in module.modules()]
        self._buffers = [(buffer, buffer.clone()) for buffer in module.buffers()]
        carried = module.carried() if isinstance(module, Network) else {}
        self._carried = {name: tensor.clone() for name, tensor in carried.items()}
        self._devices = {weight.device for weight in module.parameters() if weight.device.type == "cuda"}
        self._cpu = torch.get_rng_state()
        self._cuda = {device: torch.cuda.get_rng_state(device) for device in self._devices}

    def restore(self) -> None:
        """Bring all of it back."""
        for part, attributes, buffers in self._attributes:
            vars(part).clear()
            vars(part).update(attributes)
            part._buffers.clear()
            part._buffers.update(buffers)
        with torch.no_grad():
            for buffer, before in self._buffers:
                buffer.copy_(before)
        if isinstance(self.module, Network):
            self.module.carry({name: tensor.clone() for name, tensor in self._carried.items()})
        torch.set_rng_state(self._cpu)
        for device, state in self._cuda.items():
            torch.cuda.set_rng_state(state, device)


@contextmanager
def undisturbed(module: nn.Module, *, training: bool, seed: int = 0) -> Iterator[None]:
    """Within the block the network is in training or evaluation mode; gradients of parameters are the caller's care.

    Args:
        seed: of the randomness within.
    """
    before = Snapshot(module)
    try:
        torch.default_generator.manual_seed(seed)
        for device in before._devices:
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        module.train(training)
        yield
    finally:
        before.restore()
