"""Captioner: look at a picture, then write a sentence, looking at the places that each word is about."""

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from understudy.data.spec import CaptionSpec, Spec
from understudy.errors import DataError
from understudy.layers.activations import Activation
from understudy.layers.conv import downsampling, halvings, pyramid
from understudy.layers.writer import Writer, WriterOptions, WriterState
from understudy.models.writing import WritingNetwork


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class CaptionerConfig(WriterOptions):
    """Options of the captioner; those of recurrent layers hold for the decoder."""

    channels: tuple[int, ...] = Field(
        default=(32, 64), min_length=1, description="channels of the convolutions, each of which halves the picture"
    )
    kernel_size: int = Field(default=5, ge=1, description="height and width of a convolution, odd")
    activation: Activation = Field(default="gelu", description="activation of the convolutions")
    encoder_run: str | None = Field(
        default=None, description="a run of an autoencoder whose convolutions to begin with, of the same channels"
    )
    freeze_encoder: bool = Field(default=False, description="leave the convolutions as encoder_run has them")

    def __post_init__(self) -> None:
        if self.kernel_size % 2 == 0 or any(size < 1 for size in self.channels):
            raise ValueError(f"kernel_size is odd and channels are 1 or more, got {self.kernel_size}, {self.channels}")
        if self.freeze_encoder and self.encoder_run is None:
            raise ValueError("freeze_encoder goes with encoder_run: without one there is nothing learnt to keep")


class Captioner(WritingNetwork):
    """Convolutional encoder, and a recurrent decoder that attends to the places of its last feature map.

    Loss: -log p(next word | the words before it, the picture), in nats per word, the end included.

    Reference:
        Xu et al., 2015, Show, Attend and Tell: Neural Image Caption Generation with Visual Attention, arXiv:1502.03044,
        section 3 (soft attention).
        Vinyals et al., 2015, Show and Tell: A Neural Image Caption Generator, arXiv:1411.4555, for attention=none.

    Differs from the paper:
        A small encoder, trained along unless it is frozen, in place of one from ImageNet; each place has a learnt
        vector that says where it is; no gate over the context and no doubly stochastic penalty; attention after the
        recurrent step (Luong's) unless attention=bahdanau.
    """

    Config: ClassVar[type] = CaptionerConfig
    accepts: ClassVar[tuple[type[Spec], ...]] = (CaptionSpec,)
    recipe: ClassVar[dict[str, Any]] = {
        "epochs": 10, "batch": 64, "learning_rate": 2e-3, "schedule": "one-cycle", "clip_norm": 1.0,
    }  # fmt: skip

    config: CaptionerConfig
    spec: CaptionSpec

    def __init__(self, config: CaptionerConfig, spec: CaptionSpec) -> None:
        super().__init__(config, spec)
        most = halvings(spec.height, spec.width)
        if len(config.channels) > most:
            raise DataError(
                f"{len(config.channels)} convolutions halve {spec.describe()} to one pixel and beyond; use at most "
                f"{most} channels"
            )
        layers = downsampling([spec.channels, *config.channels], config.kernel_size, config.activation, layer_norm=True)
        self.encoder = nn.Sequential(*layers)
        size, (height, width) = config.channels[-1], self.grid()
        self.places = nn.Parameter(torch.randn(height * width, size) * size**-0.5)
        self.writer = Writer(len(spec.target), size, height * width * size, config)
        if config.freeze_encoder:
            self.encoder.requires_grad_(False)

    def grid(self) -> tuple[int, int]:
        """Places down and across."""
        return pyramid(self.spec.height, self.spec.width, len(self.config.channels))[-1]

    def lender(self) -> str | None:
        """The run whose convolutions it begins with."""
        return self.config.encoder_run

    def borrow(self, other: Any) -> None:
        """Begin with another network's convolutions.

        Raises:
            DataError: it has no such convolutions, or others.
        """
        theirs = _convolutions(getattr(other, "encoder", None))
        wanted, found = (_described(layers) for layers in (_convolutions(self.encoder), theirs))
        if wanted != found:
            raise DataError(f"encoder_run has {found}, and the captioner {wanted}; set channels and kernel_size alike")
        for own, lent in zip(_convolutions(self.encoder), theirs, strict=True):
            own.load_state_dict(lent.state_dict())

    def begin(self, x: Tensor) -> WriterState:
        """The state before the first word: (batch, *spec.shape)."""
        features = self.encoder(x).flatten(2).transpose(1, 2)  # (batch, places, channels)
        real = torch.ones(features.shape[:2], dtype=torch.bool, device=x.device)
        return self.writer.start(features + self.places, real, features.flatten(1))


def _convolutions(encoder: Any) -> list[nn.Module]:
    """The layers of an encoder that read pictures: convolutions, and the norms behind them."""
    layers = list(encoder) if isinstance(encoder, nn.Sequential) else []
    return [layer for layer in layers if isinstance(layer, nn.Conv2d | nn.GroupNorm)]


def _described(layers: Sequence[nn.Module]) -> str:
    convolutions = [layer for layer in layers if isinstance(layer, nn.Conv2d)]
    if not convolutions:
        return "no convolutions"
    sizes = [convolutions[0].in_channels, *(layer.out_channels for layer in convolutions)]
    kernels = "x".join(map(str, convolutions[0].kernel_size))
    norms = "" if len(layers) > len(convolutions) else " without layer norm"
    return f"convolutions of {kernels} with channels {','.join(map(str, sizes))}{norms}"
