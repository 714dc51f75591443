"""What every network that copies its input shares: the range of a copy, and how its error is measured."""

from collections.abc import Sequence
from typing import ClassVar, Literal

import torch
import torch.nn.functional as F
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor

from understudy.data.dataset import Batch
from understudy.data.spec import ImageSpec, Spec
from understudy.errors import DataError
from understudy.layers.coder import CoderOptions
from understudy.models.constant import constant_copy
from understudy.models.network import Network


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class CopyOptions(CoderOptions):
    """Options of every network that copies."""

    loss: Literal["auto", "mse", "bce"] = Field(
        "auto", description="squared error, or binary cross-entropy from logits; auto: bce for pictures, else mse"
    )


def refuse_copying(latent_dim: int, spec: Spec) -> None:
    """Refuse a code that could hold the item.

    Raises:
        DataError: it could.
    """
    if latent_dim >= spec.size:
        raise DataError(
            f"a code of {latent_dim} values for items of {spec.size} leaves nothing to learn: it can copy; "
            f"use --set latent_dim={max(1, spec.size // 2)}"
        )


def refuse_unbounded(loss: str, spec: Spec) -> None:
    """Refuse cross-entropy for values that are not within [0, 1].

    Raises:
        DataError: they are not.
    """
    if loss == "bce" and not isinstance(spec, ImageSpec):
        raise DataError(
            f"loss=bce needs values in [0, 1], the data has {spec.describe()} without bounds; use --set loss=mse"
        )


class Copying(Network):
    """A network whose loss is the error of a copy, summed over an item's values and averaged over the batch."""

    recipe: ClassVar[dict[str, object]] = {"steps": 6000, "learning_rate": 1e-3, "schedule": "one-cycle"}

    def __init__(self, config: CopyOptions, spec: Spec) -> None:
        super().__init__(config, spec)
        self.bounded = isinstance(spec, ImageSpec)
        refuse_unbounded(config.loss, spec)
        self.cross_entropy = config.loss == "bce" or (config.loss == "auto" and self.bounded)

    def error(self, output: Tensor, target: Tensor) -> Tensor:
        """How far a copy is from the target, per item; `output` is the copy before its activation."""
        output = output.float()
        if self.cross_entropy:
            total = F.binary_cross_entropy_with_logits(output, target, reduction="sum")
        else:
            total = F.mse_loss(self.activate(output), target, reduction="sum")
        return total / len(target)

    def constant_terms(self, batches: Sequence[Batch]) -> dict[str, float]:
        """The mean item's error."""
        x = torch.cat([batch.x for batch in batches])
        return {"reconstruction": self.error(constant_copy(x, self.bounded), x).item()}

    def activate(self, output: Tensor) -> Tensor:
        """The copy's range: [0, 1] for pictures, anything for vectors."""
        return torch.sigmoid(output) if self.bounded else output
