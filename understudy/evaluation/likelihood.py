"""How probable does a network find what it has not seen?"""

import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from understudy.data.batches import at_once, in_order
from understudy.data.dataset import Dataset, Items
from understudy.data.spec import Spec
from understudy.evaluation.principal import training_rows
from understudy.models.capabilities import BoundsLikelihood

IMPORTANCE_SAMPLES = 200
CHUNK_VALUES = 12_000_000
"""Decoded values held at once; the number of samples does not depend on it."""


def score_likelihood(
    network: BoundsLikelihood, data: Dataset, *, seed: int, samples: int = IMPORTANCE_SAMPLES
) -> dict[str, float]:
    """The evidence lower bound and the importance-sampled negative log-likelihood, in nats per test item.

    Reference: Burda et al., 2016, Importance Weighted Autoencoders, arXiv:1509.00519, equation 8: with K samples the
    log of the mean weight bounds log p(x) from below, so `nll` is never flattering.

    The baseline is a product of independent values: Bernoulli with the training means, or normal with the training
    means and standard deviations.
    """
    device = data.test.take(torch.tensor([0])).x.device
    # Two sources of chance: what is observed depends on the seed alone, not on how the network samples.
    # Seeds apart: from one stream the draws of z would follow the draws of x.
    generator, observing = (torch.Generator(device).manual_seed(key) for key in (seed, seed + 2**31))
    bound = evidence = independent = 0.0
    baseline = Independent(data, network.likelihood_name(), seed)
    for x in _observed(network, data.test, data.spec, observing):
        log_weights = importance_weights(network, x, samples, generator)  # (samples, batch)
        bound += log_weights.mean(0).sum().item()
        evidence += (torch.logsumexp(log_weights, 0) - math.log(samples)).sum().item()
        independent += baseline.log_likelihood(x).sum().item()
    count = len(data.test)
    return {
        "elbo": bound / count,
        "nll": -evidence / count,
        "nll_samples": samples,
        "independent_nll": -independent / count,
    }


def _observed(network: BoundsLikelihood, items: Items, spec: Spec, generator: torch.Generator) -> Iterator[Tensor]:
    for batch in in_order(items, min(100, at_once(spec))):
        yield network.observe(batch.x, generator)


def importance_weights(network: BoundsLikelihood, x: Tensor, samples: int, generator: torch.Generator) -> Tensor:
    """Exactly `samples` log weights for each item, a bounded number at once: -> (samples, batch), float64."""
    at_once = max(1, CHUNK_VALUES // x.numel())
    sizes = [min(at_once, samples - start) for start in range(0, samples, at_once)]
    return torch.cat([network.log_weights(x, size, generator).cpu().double() for size in sizes])


class Independent:
    """Values that know nothing of each other."""

    def __init__(self, data: Dataset, likelihood: str, seed: int) -> None:
        rows = training_rows(data.train, data.spec.size, seed)
        device = data.test.take(torch.tensor([0])).x.device
        self.likelihood = likelihood
        # Add-one smoothing: a pixel that was never lit in training may be lit in the test split.
        self.mean = ((rows.sum(0) + 1) / (len(rows) + 2) if likelihood == "bernoulli" else rows.mean(0)).to(device)
        self.variance = rows.var(0, correction=0).clamp_min(1e-4).to(device)

    def log_likelihood(self, x: Tensor) -> Tensor:
        """(batch, *shape) -> (batch,), in nats."""
        flat = x.flatten(1)
        mean = self.mean.expand_as(flat)
        if self.likelihood == "bernoulli":
            return -F.binary_cross_entropy(mean, flat, reduction="none").sum(1)
        return -F.gaussian_nll_loss(mean, flat, self.variance.expand_as(flat), full=True, reduction="none").sum(1)
