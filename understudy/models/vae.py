"""Variational autoencoder: a code that is a distribution, and a bound on the likelihood."""

from typing import ClassVar

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor

from understudy.data.dataset import Batch
from understudy.models.network import Terms
from understudy.models.variational import Variational, VariationalOptions, draw, gaussian_kl


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class VAEConfig(VariationalOptions):
    """Options of the variational autoencoder."""

    beta: float = Field(1.0, ge=0, description="weight of the KL term (beta-VAE); 1 is the bound on the likelihood")
    free_bits: float = Field(
        0.0, ge=0, description="nats of KL that each number of the code may cost for nothing, so that none is given up"
    )


class VAE(Variational):
    """Variational autoencoder with a diagonal Gaussian posterior and a standard normal prior.

    Loss: -E_q[log p(x | z)] + beta KL(q(z | x) || p(z)), in nats per item, with one draw of z. With a Bernoulli
    likelihood pixels are intensities to draw from: every step sees a fresh binary picture ("dynamic binarisation"),
    the data that published likelihoods on MNIST are of. With free bits f the KL term is sum_j max(f, KL_j), KL_j the
    mean over the batch.

    Reference:
        Kingma and Welling, 2014, Auto-Encoding Variational Bayes, arXiv:1312.6114, equation 10 and appendix B, C.
        Higgins et al., 2017, beta-VAE, for `beta`.
        Kingma et al., 2016, Improving Variational Inference with Inverse Autoregressive Flow, arXiv:1606.04934,
        equation 15, for `free_bits`.
        Rybkin et al., 2021, Simple and Effective VAE Training with Calibrated Decoders, arXiv:2006.13202, section 3:
        the Gaussian likelihood has one learned standard deviation.

    Differs from the paper:
        two hidden layers of 400 GELU units behind layer norm, and Adam, in place of one layer of 500 tanh units and
        Adagrad.
    """

    Config: ClassVar[type] = VAEConfig

    config: VAEConfig

    def loss(self, batch: Batch) -> Terms:
        """Minus the bound, and its two parts, in nats per item."""
        x = self.observe(batch.x)
        mean, log_variance = self.posterior(x)
        return self.negative_bound(x, mean, log_variance, self.decoder(draw(mean, log_variance)))

    def negative_bound(self, x: Tensor, mean: Tensor, log_variance: Tensor, output: Tensor) -> Terms:
        """The terms of the loss for a posterior and what was decoded from a draw of it."""
        reconstruction = -self.log_likelihood(output, x).sum() / len(x)
        each = gaussian_kl(mean, log_variance).mean(0)  # (latent_dim,)
        kl = each.sum()
        paid = each.clamp_min(self.config.free_bits).sum() if self.config.free_bits else kl
        return {"loss": reconstruction + self.config.beta * paid, "reconstruction": reconstruction, "kl": kl}
