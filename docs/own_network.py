"""k-sparse autoencoder: of each code only the k largest numbers are kept."""

from collections.abc import Sequence
from typing import Any, ClassVar

import torch.nn.functional as F
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from understudy.data.dataset import Batch
from understudy.data.spec import Spec
from understudy.models.network import Network, Terms, Turn


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class KSparseConfig:
    """Options of the k-sparse autoencoder."""

    latent_dim: int = Field(100, ge=1, description="numbers in the code, kept or not")
    kept: int = Field(10, ge=1, description="how many of them are kept, the largest ones")


class KSparseAutoencoder(Network):
    """Linear encoder, the k largest of its numbers, linear decoder; squared error per item.

    Reference:
        Makhzani and Frey, 2013, k-Sparse Autoencoders, arXiv:1312.5663, section 2.1.
    """

    Config: ClassVar[type] = KSparseConfig
    recipe: ClassVar[dict[str, Any]] = {"steps": 3000, "schedule": "one-cycle"}

    def __init__(self, config: KSparseConfig, spec: Spec) -> None:
        super().__init__(config, spec)
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(spec.size, config.latent_dim))
        self.decoder = nn.Sequential(nn.Linear(config.latent_dim, spec.size), nn.Unflatten(1, spec.shape))

    def turns(self) -> Sequence[Turn]:
        """One player, one turn."""
        return [Turn("network", self.loss)]

    def loss(self, batch: Batch) -> Terms:
        """Squared error, summed over an item's values."""
        return {"loss": F.mse_loss(self.decoder(self.encode(batch.x)), batch.x, reduction="sum") / len(batch)}

    def encode(self, x: Tensor) -> Tensor:
        """(batch, *spec.shape) -> (batch, latent_dim), all but `kept` of them 0."""
        codes = self.encoder(x)
        least = codes.topk(min(self.config.kept, codes.shape[1])).values[:, -1:]
        return codes * (codes >= least)

    def reconstruct(self, x: Tensor) -> Tensor:
        """(batch, *spec.shape) -> the same shape."""
        copy: Tensor = self.decoder(self.encode(x))
        return copy.clamp(0, 1) if self.spec.kind == "image" else copy

    forward = reconstruct
