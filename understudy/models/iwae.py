"""Importance-weighted autoencoder: a variational autoencoder trained on a tighter bound."""

import math
from typing import ClassVar

import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor

from understudy.data.dataset import Batch
from understudy.models.network import Terms
from understudy.models.variational import Variational, VariationalOptions


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class IWAEConfig(VariationalOptions):
    """Options of the importance-weighted autoencoder."""

    importance_samples: int = Field(5, ge=1, description="draws of the code in the bound; with 1 it is the VAE's")


class IWAE(Variational):
    """Importance-weighted autoencoder: a VAE whose loss is -E log (1/k) sum_i p(x, z_i) / q(z_i | x), z_i from q.

    The bound rises with k, to log p(x); the posterior need not fit each item, only cover it. One step decodes k codes
    for each item.

    Reference:
        Burda, Grosse and Salakhutdinov, 2016, Importance Weighted Autoencoders, arXiv:1509.00519, equations 8 and 13.

    Differs from the paper:
        two hidden layers of 400 GELU units behind layer norm and a code of 40, where theirs has 200-200-50 and tanh;
        minutes of training on one rate cycle, where theirs has 3,280 epochs.
    """

    Config: ClassVar[type] = IWAEConfig

    config: IWAEConfig

    def loss(self, batch: Batch) -> Terms:
        """Minus the bound, and beside it minus the looser one of a VAE, in nats per item."""
        log_weights = self.log_weights(self.observe(batch.x), self.config.importance_samples)  # (k, batch)
        bound = torch.logsumexp(log_weights, 0) - math.log(self.config.importance_samples)
        return {"loss": -bound.mean(), "negative_elbo": -log_weights.mean()}

    def forward(self, x: Tensor) -> Tensor:
        """A copy, decoded as often as a training step decodes: what a step costs is counted here."""
        codes = self.encode(x).repeat(self.config.importance_samples, 1)
        return self.decode(codes)[: len(x)]
