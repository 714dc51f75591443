"""Denoising autoencoder: see a corrupted item, give back the clean one."""

from collections.abc import Sequence
from typing import ClassVar, Literal

import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Generator, Tensor

from understudy.data.spec import Spec
from understudy.errors import DataError
from understudy.models.autoencoder import Autoencoder, AutoencoderConfig
from understudy.models.network import Turn


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class DenoisingAutoencoderConfig(AutoencoderConfig):
    """Options of the denoising autoencoder."""

    noise: Literal["gaussian", "masking", "salt-and-pepper"] = Field("gaussian", description="kind of corruption")
    noise_level: float = Field(
        0.5, gt=0, description="standard deviation of Gaussian noise, or the share of values that is overwritten"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.noise != "gaussian" and self.noise_level >= 1:
            raise ValueError(f"noise_level is the share of values that {self.noise} overwrites: below 1")


class DenoisingAutoencoder(Autoencoder):
    """Denoising autoencoder.

    Reference:
        Vincent et al., 2010, Stacked Denoising Autoencoders, JMLR 11, section 3 (corruptions) and equation 4.

    Differs from the paper:
        trained end to end, not stacked; noisy pictures are clipped to [0, 1], so that the noisy input stays a picture;
        the loss counts all values, not the corrupted ones more.
    """

    Config: ClassVar[type] = DenoisingAutoencoderConfig
    overcomplete: ClassVar[bool] = True

    config: DenoisingAutoencoderConfig

    def __init__(self, config: DenoisingAutoencoderConfig, spec: Spec) -> None:
        super().__init__(config, spec)
        if config.noise == "salt-and-pepper" and not self.bounded:
            raise DataError(
                f"salt-and-pepper noise needs a lowest and a highest value, the data has {spec.describe()} without "
                "bounds; use --set noise=gaussian or masking"
            )

    def turns(self) -> Sequence[Turn]:
        """One player, one turn: the clean item from a fresh corruption of it."""
        return [Turn("network", lambda batch: self.loss(self.corrupt(batch.x), batch.x))]

    def corrupt(self, x: Tensor, generator: Generator | None = None) -> Tensor:
        """(batch, *spec.shape) -> the same shape; a new corruption at each call."""
        if self.config.noise == "gaussian":
            noise = torch.empty_like(x).normal_(std=self.config.noise_level, generator=generator)
            return (x + noise).clamp(0, 1) if self.bounded else x + noise
        drawn = torch.empty_like(x).uniform_(generator=generator)
        struck = drawn < self.config.noise_level
        if self.config.noise == "masking":
            return x.masked_fill(struck, 0.0)
        # A struck value is 0 or 1 with equal chance: the lower half of the struck draws is pepper.
        return torch.where(struck, (drawn * 2 > self.config.noise_level).to(x.dtype), x)
