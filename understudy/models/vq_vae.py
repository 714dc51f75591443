"""VQ-VAE: an autoencoder whose code is a few words from a codebook."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from understudy.data.dataset import Batch
from understudy.data.spec import ImageSpec, Spec
from understudy.layers.activations import ACTIVATIONS, Activation
from understudy.layers.codebook import Codebook
from understudy.layers.coder import decoder, encoder, picture
from understudy.layers.conv import downsampling, pyramid, upsampling
from understudy.models.copying import Copying, CopyOptions
from understudy.models.network import Terms, Turn


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class VQVAEConfig(CopyOptions):
    """Options of the vector-quantised autoencoder."""

    latent_dim: int | None = Field(None, ge=1, description="size of a codebook vector; unset: 16")
    architecture: Literal["auto", "dense", "conv"] = Field(  # type: ignore[assignment]
        "auto", description="dense layers, or stride-2 convolutions and a grid of codes; auto: conv for pictures"
    )
    codebook_size: int = Field(512, ge=2, description="vectors in the codebook")
    codes_per_item: int = Field(16, ge=1, description="dense: codes of one item; convolutions give a grid of them")
    residual_blocks: int = Field(2, ge=0, description="conv: residual blocks at the smallest size, on either side")
    commitment: float = Field(0.25, ge=0, description="pull of the encoder to the codes that it chose")
    codebook_decay: float = Field(0.99, gt=0, lt=1, description="decay of the moving averages that codes are")
    restart_below: float = Field(
        0.03, ge=0, lt=1, description="share of the average use under which a code is put elsewhere; 0: never"
    )


class ResidualBlock(nn.Module):
    """x + conv1x1(act(conv3x3(act(x)))), with half the channels between."""

    def __init__(self, channels: int, activation: Activation) -> None:
        super().__init__()
        inner, active = max(1, channels // 2), ACTIVATIONS[activation]
        self.body = nn.Sequential(
            active(), nn.Conv2d(channels, inner, 3, padding=1), active(), nn.Conv2d(inner, channels, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, height, width) -> the same shape."""
        y: Tensor = x + self.body(x)
        return y


class VQVAE(Copying):
    """Vector-quantised autoencoder: the encoder's vectors are each replaced by the nearest of a codebook.

    Loss: the copy's error, plus commitment * ||z - sg(e)||^2 over an item's vectors. The gradient passes the codebook
    as if it were not there (straight-through); the codes follow their members by moving averages, and a code that is
    hardly chosen is put on a vector of the batch. It does not sample: for that the paper trains a second network on
    the codes.

    Reference:
        Van den Oord, Vinyals and Kavukcuoglu, 2017, Neural Discrete Representation Learning, arXiv:1711.00937,
        equations 1 to 3 and appendix A.1.

    Differs from the paper:
        restarts of dead codes; cross-entropy, not squares, for pictures; on dense layers the codes of an item are parts
        of one vector, not a grid.
    """

    Config: ClassVar[type] = VQVAEConfig

    config: VQVAEConfig

    def __init__(self, config: VQVAEConfig, spec: Spec) -> None:
        latent_dim = config.latent_dim or 16
        if config.architecture == "auto":
            config = replace(config, architecture="conv" if isinstance(spec, ImageSpec) else "dense")
        super().__init__(replace(config, latent_dim=latent_dim), spec)
        self.latent_dim = latent_dim
        coder = self._conv_coder if config.architecture == "conv" else self._dense_coder
        self.encoder, self.decoder, self.grid = coder(config, spec)
        self.codebook = Codebook(config.codebook_size, latent_dim, config.codebook_decay, config.restart_below)

    def _dense_coder(self, config: VQVAEConfig, spec: Spec) -> tuple[nn.Module, nn.Module, tuple[int, ...]]:
        values = config.codes_per_item * self.latent_dim
        grid = (config.codes_per_item,)
        towards = nn.Sequential(*encoder(spec, config, values), nn.Unflatten(1, (self.latent_dim, *grid)))
        return towards, nn.Sequential(nn.Flatten(), *decoder(spec, config, values)), grid

    def _conv_coder(self, config: VQVAEConfig, spec: Spec) -> tuple[nn.Module, nn.Module, tuple[int, ...]]:
        depth, height, width = picture(spec, config.channels).shape
        sizes = pyramid(height, width, len(config.channels))
        widths = [depth, *config.channels]
        options, deepest = (config.kernel_size, config.activation), widths[-1]
        blocks = [ResidualBlock(deepest, config.activation) for _ in range(2 * config.residual_blocks)]
        towards = nn.Sequential(
            *downsampling(widths, *options, layer_norm=config.layer_norm),
            *blocks[::2],
            nn.Conv2d(deepest, self.latent_dim, 1, bias=config.head_bias),
        )
        back = nn.Sequential(
            nn.Conv2d(self.latent_dim, deepest, 1),
            *blocks[1::2],
            ACTIVATIONS[config.activation](),
            *upsampling(sizes[::-1], widths[::-1], *options, layer_norm=config.layer_norm),
        )
        return towards, back, sizes[-1]

    def turns(self) -> Sequence[Turn]:
        """One player, one turn: the copy's error and the commitment."""
        return [Turn("network", self.loss)]

    def loss(self, batch: Batch) -> Terms:
        """The loss and its parts, per item."""
        z = self.encoder(batch.x).float()  # (batch, latent_dim, *grid)
        e, _ = self.quantise(z)
        copy_error = self.error(self.decoder(z + (e - z).detach()), batch.x)
        distance = (z - e).square().sum() / len(z)
        return {
            "loss": copy_error + self.config.commitment * distance,
            "reconstruction": copy_error,
            "commitment": distance,
        }

    def quantise(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors to the nearest codes: (batch, latent_dim, *grid) -> the same shape, and numbers (batch, *grid)."""
        rows = z.movedim(1, -1)  # (batch, *grid, latent_dim)
        codes, numbers = self.codebook(rows.reshape(-1, self.latent_dim))
        return codes.view(rows.shape).movedim(-1, 1), numbers.view(rows.shape[:-1])

    def codebook_size(self) -> int:
        """Codes in the codebook."""
        return self.config.codebook_size

    def tokens(self, x: Tensor) -> Tensor:
        """The numbers of an item's codes: (batch, *spec.shape) -> (batch, *grid), int64."""
        return self.quantise(self.encoder(x).float())[1]

    def decode_tokens(self, tokens: Tensor) -> Tensor:
        """Items from numbers of codes: (batch, *grid) -> (batch, *spec.shape)."""
        return self.activate(self.decoder(self.codebook.codes[tokens].movedim(-1, 1)))

    def encode(self, x: Tensor) -> Tensor:
        """The chosen codes, one after the other: (batch, *spec.shape) -> (batch, codes * latent_dim)."""
        return self.codebook.codes[self.tokens(x)].flatten(1)

    def decode(self, codes: Tensor) -> Tensor:
        """Each vector is first replaced by its nearest code: (batch, codes * latent_dim) -> (batch, *spec.shape)."""
        rows = codes.unflatten(1, (*self.grid, self.latent_dim))
        return self.decode_tokens(self.codebook.nearest(rows.flatten(0, -2)).view(rows.shape[:-1]))

    def reconstruct(self, x: Tensor) -> Tensor:
        """(batch, *spec.shape) -> the same shape."""
        return self.decode_tokens(self.tokens(x))

    forward = reconstruct
