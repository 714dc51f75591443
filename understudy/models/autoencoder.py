"""Autoencoder: a code too small to copy the input, and a decoder that must make do with it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal

import torch
import torch.nn.functional as F
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor

from understudy.data.spec import ImageSpec, Spec
from understudy.errors import DataError
from understudy.layers.coder import CoderOptions, decoder, encoder
from understudy.models.network import Network, Terms, Turn


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class AutoencoderConfig(CoderOptions):
    """Options of the autoencoders."""

    latent_dim: int | None = Field(None, ge=1, description="size of the code; unset: 32, or half an item if less")
    loss: Literal["auto", "mse", "bce"] = Field(
        "auto", description="squared error, or binary cross-entropy from logits; auto: bce for pictures, else mse"
    )


class Autoencoder(Network):
    """Undercomplete, deep or convolutional autoencoder.

    The loss is summed over an item's values and averaged over the batch, so that its size does not depend on the batch.

    Reference:
        Hinton and Salakhutdinov, 2006, Reducing the Dimensionality of Data with Neural Networks, Science 313,
        doi:10.1126/science.1127647. `deep-autoencoder` is its 784-1000-500-250-30 network.

    Differs from the paper:
        random initialisation, GELU units behind layer norm and Adam in place of layer-wise pretraining, logistic units
        and conjugate gradients.
    """

    Config: ClassVar[type] = AutoencoderConfig
    recipe: ClassVar[dict[str, Any]] = {"steps": 6000, "learning_rate": 1e-3, "schedule": "one-cycle"}

    overcomplete: ClassVar[bool] = False

    config: AutoencoderConfig

    def __init__(self, config: AutoencoderConfig, spec: Spec) -> None:
        latent_dim = config.latent_dim or min(32, max(1, spec.size // 2))
        if latent_dim >= spec.size and not self.overcomplete:
            raise DataError(
                f"a code of {latent_dim} values for items of {spec.size} leaves nothing to learn: it can copy; "
                f"use --set latent_dim={max(1, spec.size // 2)}"
            )
        super().__init__(replace(config, latent_dim=latent_dim), spec)
        self.bounded = isinstance(spec, ImageSpec)
        if config.loss == "bce" and not self.bounded:
            raise DataError(
                f"loss=bce needs values in [0, 1], the data has {spec.describe()} without bounds; use --set loss=mse"
            )
        self.cross_entropy = config.loss == "bce" or (config.loss == "auto" and self.bounded)
        self.encoder = encoder(spec, config, latent_dim)
        self.decoder = decoder(spec, config, latent_dim)

    def turns(self) -> Sequence[Turn]:
        """One player, one turn."""
        return [Turn("network", lambda batch: self.loss(batch.x, batch.x))]

    def loss(self, source: Tensor, target: Tensor) -> Terms:
        """Reconstruction error of `target` from `source`, per item."""
        logits = self.decoder(self.encoder(source)).float()  # (batch, *spec.shape)
        if self.cross_entropy:
            total = F.binary_cross_entropy_with_logits(logits, target, reduction="sum")
        else:
            total = F.mse_loss(self.activate(logits), target, reduction="sum")
        return {"loss": total / len(target)}

    def activate(self, logits: Tensor) -> Tensor:
        """The output's range: [0, 1] for pictures, anything for vectors."""
        return torch.sigmoid(logits) if self.bounded else logits

    def encode(self, x: Tensor) -> Tensor:
        """(batch, *spec.shape) -> (batch, latent_dim)."""
        codes: Tensor = self.encoder(x)
        return codes

    def decode(self, codes: Tensor) -> Tensor:
        """(batch, latent_dim) -> (batch, *spec.shape)."""
        return self.activate(self.decoder(codes))

    def reconstruct(self, x: Tensor) -> Tensor:
        """(batch, *spec.shape) -> the same shape."""
        return self.decode(self.encode(x))

    forward = reconstruct
