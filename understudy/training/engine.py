"""Where and in what precision a network is trained."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn

from understudy.errors import OptionError
from understudy.layers.summary import multiply_adds
from understudy.models.network import Network
from understudy.training.config import TrainingConfig

BF16_MULTIPLY_ADDS = 20_000_000
"""Multiply-adds of a batch's forward pass from which bf16 is faster on a CPU with bf16 instructions; see
benchmarks/precision.py."""
LSTM_MULTIPLY_ADDS = 7_000_000
"""The same of networks with fused LSTM layers. In fp32 the first step of such a layer takes 25 ms, in bf16 3."""
SHARED_MULTIPLY_ADDS = 20_000_000
"""Multiply-adds of a batch's forward pass from which threads share the work: below, they cost more than they bring. An
LSTM of 32 units, 14 million a batch, took 20 ms a step on one thread and 26 on two of a busy machine's."""


@dataclass(frozen=True)
class Engine:
    """One process on one device. Weights are always fp32; bf16 is for activations and matrix products.

    Attributes:
        arithmetic: whose threads do the work.
        shared: whether PyTorch's threads share it.
    """

    device: torch.device
    precision: Literal["fp32", "bf16"]
    arithmetic: Literal["torch", "numpy"] = "torch"
    shared: bool = True

    def autocast(self) -> AbstractContextManager[object]:
        """The context in which a loss is computed."""
        if self.precision == "fp32":
            return nullcontext()
        return torch.autocast(self.device.type, torch.bfloat16)

    @contextmanager
    def threads(self) -> Iterator[None]:
        """The context in which a network is trained: beside NumPy's threads PyTorch has one, and for little work too.

        Its other threads would wait for work by asking for it all the time: on 2 cores a step of 784-64-784 in NumPy
        took 11.6 ms beside them, 4.3 without.
        """
        before = torch.get_num_threads()
        if not self.shared:
            torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def choose_device(name: str) -> torch.device:
    """The device that was asked for, or the best there is for `auto`.

    Raises:
        OptionError: no such device here.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()
    except (RuntimeError, AssertionError, ImportError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise OptionError(f"device '{name}' cannot be used here: {reason}. Use auto or cpu") from None
    return device


def bf16_available(device: torch.device) -> bool:
    """Whether the device has bf16 instructions (a CPU without them would only emulate them)."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # Without oneDNN a processor's bf16 instructions go unused: a product took 841 times as long on an Apple M5.
    if device.type != "cpu" or not torch.backends.mkldnn.is_available() or not hasattr(torch.cpu, "get_capabilities"):
        return False
    abilities = torch.cpu.get_capabilities()
    return any(abilities.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))


def choose_engine(config: TrainingConfig, network: Network) -> Engine:
    """The engine for a network: the choice depends on the machine and the network's size alone, never on a timing.

    Raises:
        OptionError: the device or precision cannot be had here.
    """
    if network.arithmetic == "numpy":
        return _numpy_engine(config)
    device = choose_device(config.device)
    if config.precision == "bf16" and not bf16_available(device) and device.type != "cpu":
        raise OptionError(f"{device} has no bf16; use --precision fp32")
    counted = type(network).forward is not nn.Module.forward  # else it has turns, and no one way through it
    work = config.batch * multiply_adds(network, network.spec.shape, network.spec.dtype) if counted else None
    shared = device.type != "cpu" or work is None or work >= SHARED_MULTIPLY_ADDS
    if config.precision != "auto":
        return Engine(device, config.precision, shared=shared)
    least = LSTM_MULTIPLY_ADDS if any(isinstance(it, nn.LSTM) for it in network.modules()) else BF16_MULTIPLY_ADDS
    faster = work is not None and work >= least and bf16_available(device)
    return Engine(device, "bf16" if faster else "fp32", shared=shared)


def _numpy_engine(config: TrainingConfig) -> Engine:
    if config.device not in ("auto", "cpu") or config.precision == "bf16":
        raise OptionError("a network in NumPy runs on the cpu in fp32; leave device and precision at auto")
    return Engine(torch.device("cpu"), "fp32", "numpy", shared=False)
