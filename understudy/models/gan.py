"""The generative adversarial network of 2014."""

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from understudy.layers.players import Architecture, Norm
from understudy.models.adversarial import Adversarial, AdversarialOptions


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class GANConfig(AdversarialOptions):
    """Options of the GAN."""

    architecture: Architecture = Field("dense", description="of both players; auto: conv for pictures, dense for rows")
    generator_norm: Norm = Field("none", description="conv and dense: normalisation of the generator's layers")


class GAN(Adversarial):
    """Two dense players: the generator makes items from noise, the discriminator tells them from real ones.

    The discriminator minimises -log D(x) - log(1 - D(G(z))); the generator minimises -log D(G(z)), which moves where
    log(1 - D(G(z))), the other loss of the paper (`loss=minimax`), hardly has a slope: at fakes that convince nobody.

    Reference:
        Goodfellow et al., 2014, Generative Adversarial Nets, arXiv:1406.2661, equation 1, section 3, algorithm 1.

    Differs from the paper:
        leaky ReLU in the discriminator in place of maxout and dropout; Adam in place of momentum; normal noise;
        samples come from a moving average of the generator's weights (`ema`).
    """

    Config = GANConfig
