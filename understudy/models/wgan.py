"""Wasserstein GAN, its critic held by clipping its weights."""

from typing import ClassVar

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from understudy.layers.adversarial_losses import AdversarialLossName
from understudy.models.adversarial import Adversarial, AdversarialOptions


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class WGANConfig(AdversarialOptions):
    """Options of the WGAN."""

    loss: AdversarialLossName = Field("wasserstein", description="what the players minimise")
    discriminator_times: int = Field(5, ge=1, description="moves of the discriminator in a step")
    clip_weights: float | None = Field(0.01, gt=0, description="largest weight of the discriminator, up or down")


class WGAN(Adversarial):
    """The critic's outputs differ between real items and fakes by (a multiple of) the earth mover's distance.

    That holds for the best critic among those of bounded slope; here its weights are bounded, by clipping after each
    move. The critic moves five times for each move of the generator, and its loss, unlike a discriminator's, follows
    how good the fakes are.

    Reference:
        Arjovsky, Chintala and Bottou, 2017, Wasserstein GAN, arXiv:1701.07875, algorithm 1.

    Differs from the paper:
        samples come from a moving average of the generator's weights (`ema`); the critic always moves five times, not a
        hundred times at the start and now and then.
    """

    Config = WGANConfig
    recipe: ClassVar[dict[str, object]] = {
        **Adversarial.recipe,
        "optimizer": "rmsprop",
        "learning_rate": 5e-5,
        "steps": 5000,
    }
