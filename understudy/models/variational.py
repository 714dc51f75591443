"""What every variational autoencoder shares: the posterior, the likelihood and the importance weights."""

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Literal

import torch
import torch.nn.functional as F
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Generator, Tensor, nn

from understudy.data.dataset import Batch
from understudy.data.spec import ImageSpec, Spec
from understudy.errors import DataError
from understudy.layers.coder import CoderOptions, decoder, encoder
from understudy.models.constant import constant_copy
from understudy.models.network import Network, Terms, Turn

LOG_2PI = math.log(2 * math.pi)


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class VariationalOptions(CoderOptions):
    """Options of every variational autoencoder."""

    latent_dim: int | None = Field(None, ge=1, description="size of the code; unset: 40, or an item's size if less")
    hidden: tuple[int, ...] = Field((400, 400), description="sizes of the dense hidden layers")
    likelihood: Literal["auto", "bernoulli", "gaussian"] = Field(
        "auto", description="what a decoded value is the mean of; auto: Bernoulli for grey pictures, else Gaussian"
    )


class Variational(Network):
    """A diagonal Gaussian posterior q(z | x), a standard normal prior, and a likelihood p(x | z).

    With a Bernoulli likelihood pixels are intensities to draw from: every step sees a fresh binary picture ("dynamic
    binarisation"), the data that published likelihoods on MNIST are of.

    Reference:
        Kingma and Welling, 2014, Auto-Encoding Variational Bayes, arXiv:1312.6114, appendix B and C.
        Rybkin et al., 2021, Simple and Effective VAE Training with Calibrated Decoders, arXiv:2006.13202, section 3:
        the Gaussian likelihood has one learned standard deviation.
    """

    recipe: ClassVar[dict[str, object]] = {"steps": 6000, "learning_rate": 2e-3, "schedule": "one-cycle"}

    config: VariationalOptions

    def __init__(self, config: VariationalOptions, spec: Spec) -> None:
        latent_dim = config.latent_dim or min(40, spec.size)
        super().__init__(replace(config, latent_dim=latent_dim), spec)
        self.latent_dim = latent_dim
        self.bounded = isinstance(spec, ImageSpec)
        if config.likelihood == "bernoulli" and not self.bounded:
            raise DataError(
                f"likelihood=bernoulli needs values in [0, 1], the data has {spec.describe()} without bounds; "
                "use --set likelihood=gaussian"
            )
        grey = isinstance(spec, ImageSpec) and spec.channels == 1
        self.likelihood = ("bernoulli" if grey else "gaussian") if config.likelihood == "auto" else config.likelihood
        self.encoder = encoder(spec, config, 2 * latent_dim)
        self.decoder = decoder(spec, config, latent_dim + self.extra_inputs(spec))
        if self.likelihood == "gaussian":
            self.log_std = nn.Parameter(torch.tensor(-1.0))

    def extra_inputs(self, spec: Spec) -> int:
        """Numbers that the decoder takes beside z."""
        return 0

    def turns(self) -> Sequence[Turn]:
        """One player, one turn: minus a bound on the likelihood."""
        return [Turn("network", self.loss)]

    @abstractmethod
    def loss(self, batch: Batch) -> Terms:
        """Minus the bound and its parts, in nats per item."""

    def likelihood_name(self) -> str:
        """`bernoulli` or `gaussian`."""
        return self.likelihood

    def observe(self, x: Tensor, generator: Generator | None = None) -> Tensor:
        """A fresh binary picture under a Bernoulli likelihood, the item itself under a Gaussian one."""
        if self.likelihood != "bernoulli":
            return x
        # A third of the time of torch.bernoulli, which was a seventh of a step of 784-400-400-40.
        return (torch.empty_like(x).uniform_(generator=generator) < x).to(x.dtype)

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of q(z | x): (batch, *spec.shape) -> twice (batch, latent_dim)."""
        mean, log_variance = self.encoder(x).float().chunk(2, dim=1)
        return mean, log_variance

    def log_likelihood(self, output: Tensor, x: Tensor) -> Tensor:
        """log p(x | z) of each item, in nats; `output` is the decoder's, before its activation.

        Shapes: (..., batch, *spec.shape), (batch, *spec.shape) -> (..., batch)
        """
        output = output.float()
        if self.likelihood == "bernoulli":
            each = -F.binary_cross_entropy_with_logits(output, x.expand_as(output), reduction="none")
        else:
            deviation = (x - self.activate(output)) * torch.exp(-self.log_std)
            each = -0.5 * (deviation.square() + LOG_2PI) - self.log_std
        return each.flatten(-len(self.spec.shape)).sum(-1)

    def constant_terms(self, batches: Sequence[Batch]) -> dict[str, float]:
        """The bound of a network whose code tells nothing: independent values, whatever the item."""
        x = torch.cat([batch.x for batch in batches])
        if self.likelihood == "bernoulli":
            output = constant_copy(x, self.bounded)
            return {"loss": F.binary_cross_entropy_with_logits(output, x, reduction="sum").item() / len(x)}
        variance = x.var(0, correction=0).mean().clamp_min(1e-12)
        return {"loss": 0.5 * self.spec.size * (LOG_2PI + variance.log().item() + 1)}

    def log_weights(self, x: Tensor, samples: int, generator: Generator | None = None) -> Tensor:
        """log p(x, z) - log q(z | x): (batch, *spec.shape) -> (samples, batch), in nats."""
        mean, log_variance = self.posterior(x)
        noise = mean.new_empty(samples, *mean.shape).normal_(generator=generator)
        z = mean + torch.exp(0.5 * log_variance) * noise  # (samples, batch, latent_dim)
        output = self.decoder(z.flatten(0, 1)).unflatten(0, (samples, len(x)))
        log_joint = self.log_likelihood(output, x) - 0.5 * z.square().sum(2)
        return log_joint + 0.5 * (noise.square() + log_variance).sum(2)

    def activate(self, output: Tensor) -> Tensor:
        """The output's range: [0, 1] for pictures, anything for vectors."""
        return torch.sigmoid(output) if self.bounded else output

    def encode(self, x: Tensor) -> Tensor:
        """The posterior mean: (batch, *spec.shape) -> (batch, latent_dim)."""
        return self.posterior(x)[0]

    def decode(self, codes: Tensor) -> Tensor:
        """The likelihood's mean: (batch, latent_dim) -> (batch, *spec.shape)."""
        return self.activate(self.decoder(codes))

    def reconstruct(self, x: Tensor) -> Tensor:
        """(batch, *spec.shape) -> the same shape, through the posterior mean."""
        return self.decode(self.encode(x))

    def forward(self, x: Tensor) -> Tensor:
        """As `reconstruct`."""
        return self.reconstruct(x)

    def sample(self, count: int, generator: Generator) -> Tensor:
        """Decoded draws from the prior: -> (count, *spec.shape)."""
        return self.generate(self.draw_noise(count, generator))

    def generate(self, noise: Tensor, classes: Tensor | None = None) -> Tensor:
        """Codes as the prior has them to items: (count, latent_dim) -> (count, *spec.shape)."""
        return self.decode(noise)

    def draw_noise(self, count: int, generator: Generator) -> Tensor:
        """Codes from the prior, where the network is: -> (count, latent_dim)."""
        codes = torch.randn(count, self.latent_dim, generator=generator, device=generator.device)
        return codes.to(next(self.parameters()).device)


def draw(mean: Tensor, log_variance: Tensor) -> Tensor:
    """One draw from each normal distribution, with a gradient to its mean and variance."""
    return mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)


def gaussian_kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, variance) || N(0, 1)), value by value, in nats: Kingma and Welling, 2014, appendix B."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)
