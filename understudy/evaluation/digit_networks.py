"""Two small networks that know MNIST, shipped with the package: one lends its features, the other names classes.

They are different networks with different seeds, so that none of them judges its own work.
`benchmarks/digit_networks.py` trains them; what it found (accuracy, data, settings, hash) stands beside the weights.
"""

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import load
from torch import Tensor, nn

from understudy.errors import DataError
from understudy.files import read_json

WEIGHTS = Path(__file__).parent / "weights"
SIDE, PART = 28, 100
LUMA = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in grey: ITU-R BT.601."""


class LeNet(nn.Module):
    """Two convolutions, two dense layers; the first dense layer's outputs are the features, before their activation.

    They are scaled so that the variances of MNIST's features sum to their number, 64.

    Reference:
        LeCun, Bottou, Bengio and Haffner, 1998, Gradient-based learning applied to document recognition, section II.

    Differs from the paper:
        28x28 inputs, ReLU, max pooling, 16 and 32 channels that are all connected, one dense layer of 64.
    """

    features_dim = 64

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(1, 16, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),  # (batch, 16, 14, 14)
            nn.Conv2d(16, 32, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),  # (batch, 32, 5, 5)
            nn.Flatten(),
        )
        self.dense = nn.Linear(32 * 5 * 5, self.features_dim)
        self.head = nn.Linear(self.features_dim, 10)

    def features(self, x: Tensor) -> Tensor:
        """(batch, 1, 28, 28) -> (batch, 64)."""
        features: Tensor = self.dense(self.convolutions(x))
        return features

    def forward(self, x: Tensor) -> Tensor:
        """Logits: (batch, 1, 28, 28) -> (batch, 10)."""
        logits: Tensor = self.head(F.relu(self.features(x)))
        return logits


class DigitJudge(nn.Sequential):
    """3x3 convolutions behind batch norm, two of them with stride 2, and a mean over places.

    Shapes: (batch, 1, 28, 28) -> (batch, 10), logits
    """

    channels, strides = (16, 32, 32, 64, 64), (1, 2, 1, 2, 1)

    def __init__(self) -> None:
        layers: list[nn.Module] = []
        for inputs, outputs, stride in zip((1, *self.channels[:-1]), self.channels, self.strides, strict=True):
            layers += [
                nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False),
                nn.BatchNorm2d(outputs),
                nn.ReLU(),
            ]
        super().__init__(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(self.channels[-1], 10))


NETWORKS: dict[str, type[nn.Module]] = {"lenet": LeNet, "judge": DigitJudge}


@functools.cache
def shipped(name: str) -> nn.Module:
    """One of `NETWORKS` with the weights that come with the package, in evaluation mode, on the CPU.

    Raises:
        DataError: the file is not the one that was shipped.
    """
    network = NETWORKS[name]()
    content = (WEIGHTS / f"{name}.safetensors").read_bytes()
    found, expected = hashlib.sha256(content).hexdigest(), record(name)["sha256"]
    if found != expected:
        raise DataError(
            f"'{WEIGHTS / name}.safetensors' has sha256 {found[:12]}, and should have {expected[:12]}; "
            "install understudy again"
        )
    network.load_state_dict(load(content))
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network.eval().requires_grad_(False)


@functools.cache
def record(name: str) -> dict[str, Any]:
    """How one of the networks was trained and how well it does."""
    found: dict[str, Any] = read_json(WEIGHTS / f"{name}.json")
    return found


def in_parts(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """What a network makes of pictures, of which few are seen together: so much as the processor's cache holds.

    500 of 28x28 took a LeNet 96 ms of one thread at once, and 31 ms by hundreds with channels last.
    """
    return torch.cat([function(part) for part in x.split(PART)])


def as_digits(x: Tensor) -> Tensor:
    """Any pictures as these networks see them: grey, 28x28.

    Three channels are weighed as red, green and blue, any other number evenly. Sizes change bilinearly, smoothed where
    they shrink.

    Shapes: (batch, channels, height, width) -> (batch, 1, 28, 28)
    """
    channels = x.shape[1]
    shares = torch.tensor(LUMA if channels == 3 else (1 / channels,) * channels, device=x.device)
    grey = (x * shares[:, None, None]).sum(1, keepdim=True) if channels > 1 else x
    if grey.shape[-2:] == (SIDE, SIDE):
        return grey
    return F.interpolate(grey, (SIDE, SIDE), mode="bilinear", antialias=True)
