"""Wasserstein GAN, its critic held by a penalty on its gradient."""

from typing import ClassVar

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from understudy.layers.adversarial_losses import AdversarialLossName
from understudy.layers.players import Norm
from understudy.models.adversarial import Adversarial, AdversarialOptions


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class WGANGPConfig(AdversarialOptions):
    """Options of the WGAN-GP."""

    loss: AdversarialLossName = Field("wasserstein", description="what the players minimise")
    discriminator_norm: Norm = Field("layer", description="conv and dense: normalisation of the discriminator's layers")
    discriminator_times: int = Field(5, ge=1, description="moves of the discriminator in a step")
    gradient_penalty: float = Field(10.0, ge=0, description="weight of (norm - 1)^2 between real items and fakes")


class WGANGP(Adversarial):
    """The critic of a WGAN is pulled to a slope of 1 on the way from fakes to real items.

    Loss of the critic: E[D(G(z))] - E[D(x)] + 10 E[(|grad D(y)| - 1)^2], where y lies between a real item and a fake,
    at a place drawn at random. The best critic has that slope there (proposition 1), and capacity is not spent on
    bounding weights. The mean slope is logged as `penalty_norm`. The critic's layers are normalised item by item, never
    over a batch: the penalty is on each item's own gradient.

    Reference:
        Gulrajani et al., 2017, Improved Training of Wasserstein GANs, arXiv:1704.00028, equation 3 and algorithm 1.

    Differs from the paper:
        convolutions in place of residual blocks (`architecture=residual` has them, without normalisation); Adam with
        beta1 0.5 and a rate of 0.001 that falls to 0; samples come from a moving average of the generator's weights
        (`ema`). On MNIST (`recipes/wgan-gp-mnist.toml`) residual blocks, one move of the critic for each move of the
        generator, a penalty of weight 1 at every second move, which then weighs twice, and Adam with beta1 0 and beta2
        0.99: a weight of 10 held the critic too flat to learn from in a few minutes.
    """

    Config = WGANGPConfig
    recipe: ClassVar[dict[str, object]] = {
        **Adversarial.recipe,
        "steps": 4000,
        "learning_rate": 1e-3,
        "schedule": "cosine",
        "beta2": 0.9,
    }
