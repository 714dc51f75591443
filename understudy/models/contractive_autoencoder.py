"""Contractive autoencoder: a code that hardly moves when the item does."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from understudy.data.dataset import Batch
from understudy.data.spec import Spec
from understudy.layers.activations import ACTIVATIONS, Activation
from understudy.layers.precision import full_precision
from understudy.models.autoencoder import Autoencoder, AutoencoderConfig
from understudy.models.network import Terms, Turn


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class ContractiveAutoencoderConfig(AutoencoderConfig):
    """Options of the contractive autoencoder."""

    latent_dim: int | None = Field(None, ge=1, description="size of the code; unset: 128, or half an item if less")
    hidden: tuple[int, ...] = Field((), description="sizes of the dense hidden layers; empty for a linear encoder")
    code_activation: Activation | None = Field("sigmoid", description="activation of the code itself; unset: none")
    tied: bool = Field(True, description="the decoder uses the encoder's weights, transposed")
    contraction: float = Field(1.0, ge=0, description="weight of the squared norm of the encoder's Jacobian")
    contraction_samples: int = Field(
        1, ge=1, description="deep encoders: random directions in which the Jacobian is measured, at each step"
    )


class ContractiveAutoencoder(Autoencoder):
    """Autoencoder whose encoder f is kept flat: loss + contraction * ||J_f(x)||^2, the squared Frobenius norm.

    One layer, h = s(W x + b), has J_jd = s'_j W_jd, so ||J||^2 = sum_j s'_j^2 ||W_j||^2, exactly. A deep or
    convolutional encoder is measured: for v of independent signs E ||J' v||^2 = ||J||^2, without bias.

    Reference:
        Rifai et al., 2011, Contractive Auto-Encoders: Explicit Invariance During Feature Extraction, ICML, equations 5
        and 7.
        Hutchinson, 1990, A stochastic estimator of the trace of the influence matrix, for deep encoders.

    Differs from the paper:
        deep encoders are contracted as a whole, by an estimate, where the paper stacks layers that are each contracted
        exactly; Adam in place of stochastic gradient descent.
    """

    Config: ClassVar[type] = ContractiveAutoencoderConfig
    recipe: ClassVar[dict[str, object]] = {"steps": 6000, "learning_rate": 1e-2, "schedule": "one-cycle"}

    overcomplete: ClassVar[bool] = True

    config: ContractiveAutoencoderConfig

    def __init__(self, config: ContractiveAutoencoderConfig, spec: Spec) -> None:
        super().__init__(replace(config, latent_dim=config.latent_dim or min(128, max(1, spec.size // 2))), spec)
        self.exact = config.architecture == "dense" and not config.hidden

    def turns(self) -> Sequence[Turn]:
        """One player, one turn: the copy's error and the contraction."""
        return [Turn("network", self.contractive_loss)]

    def contractive_loss(self, batch: Batch) -> Terms:
        """The loss and its parts, per item."""
        copy_error = self.loss(batch.x, batch.x)["loss"]
        contraction = self.jacobian_norm(batch.x).mean()
        return {
            "loss": copy_error + self.config.contraction * contraction,
            "reconstruction": copy_error,
            "jacobian": contraction,
        }

    def jacobian_norm(self, x: Tensor) -> Tensor:
        """||J_f||^2 of each item, exact for one layer, else an unbiased estimate: (batch, *spec.shape) -> (batch,)."""
        with torch.enable_grad(), full_precision(x.device):
            return self._exact_norm(x) if self.exact else self._estimated_norm(x)

    def _exact_norm(self, x: Tensor) -> Tensor:
        linear = self.encoder[1]
        assert isinstance(linear, nn.Linear)
        slopes = self._slopes(linear(x.flatten(1)))  # (batch, latent_dim)
        return slopes.square() @ linear.weight.square().sum(1)

    def _slopes(self, a: Tensor) -> Tensor:
        """s'(a), value by value."""
        if self.config.code_activation is None:
            return torch.ones_like(a)
        if not a.requires_grad:  # a network whose weights are frozen
            a = a.detach().requires_grad_()
        h = ACTIVATIONS[self.config.code_activation]()(a)
        (slopes,) = torch.autograd.grad(h.sum(), a, create_graph=True)
        return slopes

    def _estimated_norm(self, x: Tensor) -> Tensor:
        source = x.detach().requires_grad_()
        codes = self.encoder(source)  # (batch, latent_dim)
        total = torch.zeros(len(x), device=x.device)
        for _ in range(self.config.contraction_samples):
            signs = torch.randint_like(codes, 2) * 2 - 1
            (pulled,) = torch.autograd.grad(codes, source, signs, create_graph=True)  # J'v, item by item
            total = total + pulled.flatten(1).square().sum(1)
        return total / self.config.contraction_samples
