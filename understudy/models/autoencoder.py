"""Autoencoder: a code too small to copy the input, and a decoder that must make do with it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from understudy.data.spec import Spec
from understudy.layers.activations import ACTIVATIONS, Activation
from understudy.layers.coder import decoder, encoder
from understudy.layers.tied import tie
from understudy.models.copying import Copying, CopyOptions, refuse_copying
from understudy.models.network import Terms, Turn


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class AutoencoderConfig(CopyOptions):
    """Options of the autoencoders."""

    latent_dim: int | None = Field(None, ge=1, description="size of the code; unset: 32, or half an item if less")
    code_activation: Activation | None = Field(None, description="activation of the code itself; unset: none")
    tied: bool = Field(False, description="the decoder uses the encoder's weights, transposed")


class Autoencoder(Copying):
    """Undercomplete, deep or convolutional autoencoder.

    The loss is summed over an item's values and averaged over the batch, so that its size does not depend on the batch.
    Regularised ones: `--set tied=true`, and the training option `weight_decay`.

    Reference:
        Hinton and Salakhutdinov, 2006, Reducing the Dimensionality of Data with Neural Networks, Science 313,
        doi:10.1126/science.1127647. `deep-autoencoder` is its 784-1000-500-250-30 network.

    Differs from the paper:
        random initialisation, GELU units behind layer norm and Adam in place of layer-wise pretraining, logistic units
        and conjugate gradients.
    """

    Config: ClassVar[type] = AutoencoderConfig

    overcomplete: ClassVar[bool] = False

    config: AutoencoderConfig

    def __init__(self, config: AutoencoderConfig, spec: Spec) -> None:
        latent_dim = config.latent_dim or min(32, max(1, spec.size // 2))
        if not self.overcomplete:
            refuse_copying(latent_dim, spec)
        super().__init__(replace(config, latent_dim=latent_dim), spec)
        self.encoder = encoder(spec, config, latent_dim)
        self.decoder = decoder(spec, config, latent_dim)
        if config.tied:
            tie(self.encoder, self.decoder)
        if config.code_activation is not None:
            self.encoder.append(ACTIVATIONS[config.code_activation]())

    def turns(self) -> Sequence[Turn]:
        """One player, one turn."""
        return [Turn("network", lambda batch: self.loss(batch.x, batch.x))]

    def loss(self, source: Tensor, target: Tensor) -> Terms:
        """Reconstruction error of `target` from `source`, per item."""
        return {"loss": self.error(self.decoder(self.encoder(source)), target)}  # decoded: (batch, *spec.shape)

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

    def filters(self) -> Tensor:
        """What each unit of the first layer looks for: (units, *spec.shape), or (units, channels, side, side)."""
        first = next(layer for layer in self.encoder if isinstance(layer, nn.Linear | nn.Conv2d))
        weight = first.weight.detach()
        return weight if isinstance(first, nn.Conv2d) else weight.unflatten(1, self.spec.shape)
