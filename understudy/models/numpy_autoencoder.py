"""The autoencoder by hand: forward pass, loss, gradients and optimizer in NumPy, every derivative found on paper."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, ClassVar, Literal

import numpy as np
import torch
import torch.nn.functional as F
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from understudy.data.dataset import Batch
from understudy.data.spec import ImageSpec, Spec
from understudy.layers.by_hand import ByHand, HandDerived
from understudy.models.constant import constant_copy
from understudy.models.copying import refuse_copying, refuse_unbounded
from understudy.models.network import Network, Terms, Turn
from understudy.scratch.activations import LeakyReLU, ReLU, Sigmoid, Tanh
from understudy.scratch.dense import Dense
from understudy.scratch.layer import Array
from understudy.scratch.losses import BinaryCrossEntropyFromLogits, MeanSquaredError
from understudy.scratch.sequential import Sequential

ACTIVATIONS: dict[str, type] = {"relu": ReLU, "leaky-relu": LeakyReLU, "sigmoid": Sigmoid, "tanh": Tanh}


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class NumPyAutoencoderConfig:
    """Options of the autoencoder in NumPy."""

    latent_dim: int | None = Field(None, ge=1, description="size of the code; unset: 64, or half an item if less")
    hidden: tuple[int, ...] = Field((), description="sizes of the layers before the code, mirrored behind it")
    activation: Literal["relu", "leaky-relu", "sigmoid", "tanh"] = Field(
        "relu", description="activation of the hidden layers and of the code"
    )
    loss: Literal["mse", "bce"] = Field("mse", description="squared error, or binary cross-entropy from logits")

    def __post_init__(self) -> None:
        if any(size < 1 for size in self.hidden):
            raise ValueError("hidden takes sizes of 1 or more")


class NumPyAutoencoder(Network):
    """Autoencoder made of `understudy.scratch`: its layers, loss, gradients and optimizer are NumPy, derived by hand.

    PyTorch only keeps the arrays. The code is activated too, and pictures come out of a sigmoid: 784-64-784 with `relu`
    is one hidden layer of 64 rectifiers. The loss is summed over an item's values and averaged over the batch.

    Reference:
        Rumelhart, Hinton and Williams, 1986, Learning representations by back-propagating errors, Nature 323,
        doi:10.1038/323533a0.

    Differs from the paper:
        an autoencoder; rectifiers and Adam by default.
    """

    Config: ClassVar[type] = NumPyAutoencoderConfig
    arithmetic: ClassVar[Literal["torch", "numpy"]] = "numpy"
    recipe: ClassVar[dict[str, Any]] = {"steps": 6000, "learning_rate": 1e-3, "schedule": "one-cycle"}

    config: NumPyAutoencoderConfig

    def __init__(self, config: NumPyAutoencoderConfig, spec: Spec) -> None:
        latent_dim = config.latent_dim or min(64, max(1, spec.size // 2))
        refuse_copying(latent_dim, spec)
        refuse_unbounded(config.loss, spec)
        super().__init__(replace(config, latent_dim=latent_dim), spec)
        generator = np.random.default_rng(int(torch.randint(2**31, ())))
        sizes = [spec.size, *config.hidden, latent_dim]
        self.encoder = nn.Sequential(*self._layers(sizes, generator))
        self.decoder = nn.Sequential(*self._layers(sizes[::-1], generator)[:-1])  # the last activation is the output's
        self.output = nn.Sequential(*[ByHand(Sigmoid())] * isinstance(spec, ImageSpec))

    def _layers(self, sizes: Sequence[int], generator: np.random.Generator) -> list[ByHand]:
        activation = ACTIVATIONS[self.config.activation]
        layers = [layer for ends in pairwise(sizes) for layer in (Dense(*ends, generator), activation())]
        return [ByHand(layer) for layer in layers]

    def turns(self) -> Sequence[Turn]:
        """One player, one turn."""
        return [Turn("network", lambda batch: self.loss(batch.x))]

    def loss(self, x: Tensor) -> Terms:
        """The copy's error, and its gradient by the chain rule, backwards through the layers."""
        from_logits = self.config.loss == "bce"
        criterion = BinaryCrossEntropyFromLogits() if from_logits else MeanSquaredError()
        parts = [*self.encoder, *self.decoder, *([] if from_logits else self.output)]
        network = Sequential([part.bound() for part in parts])
        rows, values = x.flatten(1).numpy(), self.spec.size  # (batch, values)
        mean = criterion.forward(network.forward(rows), rows)

        def gradients() -> list[Array]:
            network.backward(criterion.backward(values))
            return [network.grads[name] for name in network.params]

        loss: Tensor = HandDerived.apply(values * mean, gradients, *self.parameters())  # type: ignore[no-untyped-call]
        return {"loss": loss}

    def constant_terms(self, batches: Sequence[Batch]) -> dict[str, float]:
        """The mean item's error."""
        x = torch.cat([batch.x for batch in batches])
        if self.config.loss == "mse":
            return {"loss": F.mse_loss(constant_copy(x, bounded=False), x, reduction="sum").item() / len(x)}
        output = constant_copy(x, bounded=True)
        return {"loss": F.binary_cross_entropy_with_logits(output, x, reduction="sum").item() / len(x)}

    def encode(self, x: Tensor) -> Tensor:
        """(batch, *spec.shape) -> (batch, latent_dim)."""
        codes: Tensor = self.encoder(x.flatten(1))
        return codes

    def decode(self, codes: Tensor) -> Tensor:
        """(batch, latent_dim) -> (batch, *spec.shape)."""
        x: Tensor = self.output(self.decoder(codes)).unflatten(1, self.spec.shape)
        return x

    def reconstruct(self, x: Tensor) -> Tensor:
        """(batch, *spec.shape) -> the same shape."""
        return self.decode(self.encode(x))

    forward = reconstruct

    def filters(self) -> Tensor:
        """What each unit of the first layer looks for: (units, *spec.shape)."""
        weight: Tensor = self.encoder[0].get_parameter("W").detach()
        return weight.T.reshape(-1, *self.spec.shape)
