"""Sparse autoencoder: a code with more numbers than the item, of which few are active at a time."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal

import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from understudy.data.dataset import Batch
from understudy.data.spec import Spec
from understudy.layers.activations import Activation
from understudy.models.autoencoder import Autoencoder, AutoencoderConfig
from understudy.models.network import Terms, Turn

ACTIVE_UNITS: dict[str, Activation] = {"kl": "sigmoid", "l1": "relu"}
KL_WEIGHT = 10.0
FIRST_L1_WEIGHT, PRESSURE = 0.01, 0.01
"""Where the L1 weight begins, and its largest relative change in one step: a larger start idles most units for good."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class SparseAutoencoderConfig(AutoencoderConfig):
    """Options of the sparse autoencoder."""

    latent_dim: int | None = Field(None, ge=1, description="size of the code; unset: twice an item, and at most 1024")
    hidden: tuple[int, ...] = Field((), description="sizes of the dense hidden layers; empty for a linear encoder")
    code_activation: Activation | None = Field(
        None, description="activation of the code itself; unset: sigmoid for kl, relu for l1"
    )
    penalty: Literal["kl", "l1"] = Field(
        "kl", description="keep each unit's mean near `activity`, or the code's sum small"
    )
    activity: float = Field(
        0.05,
        gt=0,
        lt=1,
        description="asked for: mean of a unit (kl), or share of units that are not 0 (l1, its weight unset)",
    )
    penalty_weight: float | None = Field(
        None, ge=0, description="weight of the penalty; unset: 10 for kl, and found in training for l1, so that the "
        "activity is as asked"
    )  # fmt: skip

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.code_activation not in (None, ACTIVE_UNITS[self.penalty]):
            raise ValueError(
                f"penalty={self.penalty} needs code_activation={ACTIVE_UNITS[self.penalty]}, got {self.code_activation}"
            )
        if self.penalty == "l1" and (self.hidden or self.architecture == "conv"):
            raise ValueError(
                "penalty=l1 needs a dense network without hidden layers: more of them could undo in the decoder what "
                "the penalty takes from the code; use penalty=kl"
            )
        if self.penalty == "kl" and self.architecture == "conv" and not self.head_bias:
            raise ValueError("penalty=kl needs head_bias=true: units begin at the asked activity by their biases")


def bernoulli_kl(target: float, mean: Tensor) -> Tensor:
    """KL divergence between Bernoulli variables of these means, in nats."""
    mean = mean.clamp(1e-6, 1 - 1e-6)
    same = torch.as_tensor(target, dtype=mean.dtype, device=mean.device)
    return same * torch.log(same / mean) + (1 - same) * torch.log((1 - same) / (1 - mean))


class SparseAutoencoder(Autoencoder):
    """Overcomplete autoencoder whose code is kept sparse, by KL to a target activity or by L1.

    Loss: the copy's error plus, for `kl`, weight * sum_j KL(activity || mean of unit j over the batch), or, for `l1`,
    weight * sum_j |code_j|, per item. L1 alone knows no target: its weight rises while more units are active than
    asked and falls while fewer are (dual ascent). So that the code cannot shrink while the decoder grows, the decoder's
    columns have at most norm 1.

    Reference:
        Ng, 2011, Sparse autoencoder, CS294A lecture notes, section 3, for `kl`.
        Olshausen and Field, 1996, Emergence of simple-cell receptive field properties by learning a sparse code for
        natural images, Nature 381, equation 2, doi:10.1038/381607a0, for `l1`.
        Mairal et al., 2009, Online Dictionary Learning for Sparse Coding, equation 3, for the bounded columns.

    Differs from the paper:
        trained by Adam, not by L-BFGS; cross-entropy, not squares, for pictures; the weight of L1 is found, not given.
    """

    Config: ClassVar[type] = SparseAutoencoderConfig
    recipe: ClassVar[dict[str, object]] = {"steps": 6000, "learning_rate": 1e-2, "schedule": "one-cycle"}

    overcomplete: ClassVar[bool] = True

    config: SparseAutoencoderConfig
    penalty_weight: Tensor

    def __init__(self, config: SparseAutoencoderConfig, spec: Spec) -> None:
        latent_dim = config.latent_dim or min(1024, 2 * spec.size)
        activation = ACTIVE_UNITS[config.penalty]
        super().__init__(replace(config, latent_dim=latent_dim, code_activation=activation), spec)
        self.adapts = config.penalty == "l1" and config.penalty_weight is None
        weight = config.penalty_weight if config.penalty_weight is not None else KL_WEIGHT
        self.register_buffer("penalty_weight", torch.tensor(FIRST_L1_WEIGHT if self.adapts else weight))
        if config.penalty == "kl":  # units begin as active as they are to be, not half active
            last: Any = self.encoder[-2]
            nn.init.constant_(last.bias, math.log(config.activity / (1 - config.activity)))

    def turns(self) -> Sequence[Turn]:
        """One player, one turn: the copy's error and the penalty."""
        after: Callable[[], None] | None = self.bound_columns if self.config.penalty == "l1" else None
        return [Turn("network", self.sparse_loss, after=after)]

    def sparse_loss(self, batch: Batch) -> Terms:
        """The loss and its parts, per item."""
        codes = self.encode(batch.x).float()  # (batch, latent_dim)
        copy_error = self.error(self.decoder(codes), batch.x)
        share = self.activity(codes).mean()
        if self.config.penalty == "kl":
            penalty = bernoulli_kl(self.config.activity, codes.mean(0)).sum()
        else:
            penalty = codes.sum() / len(codes)
        loss = copy_error + self.penalty_weight.clone() * penalty  # a copy: the weight changes before the backward pass
        terms = {"loss": loss, "reconstruction": copy_error, "activity": share}
        if self.adapts and self.training:
            with torch.no_grad():
                excess = (share.detach() / self.config.activity - 1).clamp(-1, 1)
                self.penalty_weight.mul_(torch.exp(PRESSURE * excess)).clamp_(1e-6, 1e6)
        return terms

    def validate(self, batch: Batch) -> Terms:
        """Where the weight is found in training, the copy's error times the excess of activity judges the network.

        The loss itself would not do: its weight rises from almost nothing while training goes on.
        """
        terms = super().validate(batch)
        if not self.adapts:
            return terms
        excess = (terms["activity"] / self.config.activity).clamp_min(1)
        return {**terms, "loss": terms["reconstruction"] * excess}

    def bound_columns(self) -> None:
        """Shorten the decoder's columns that are longer than 1."""
        first: Any = self.decoder[0]
        with torch.no_grad():
            first.weight.renorm_(2, 1, 1.0)  # (outputs, latent_dim)

    def asked_activity(self) -> float | None:
        """What the mean of `activity` should be; None where a weight was given in its place."""
        return self.config.activity if self.config.penalty == "kl" or self.adapts else None

    def activity(self, codes: Tensor) -> Tensor:
        """How active each unit is, in [0, 1]: (batch, latent_dim) -> the same shape."""
        return codes if self.config.penalty == "kl" else (codes > 0).to(codes.dtype)
