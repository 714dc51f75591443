"""How much does each number of a code tell, and which are given up?"""

import torch
from torch import Tensor

from understudy.data.batches import at_once, in_order
from understudy.data.dataset import Dataset
from understudy.evaluation.figures import Figure, scatter
from understudy.models.capabilities import HasPosterior
from understudy.models.variational import gaussian_kl

ACTIVE = 0.01


def posterior_of(network: HasPosterior, data: Dataset) -> tuple[Tensor, Tensor]:
    """Of the test items' posteriors, mean and KL to the prior in nats, on the CPU: twice (count, latent_dim)."""
    means, divergences = [], []
    for batch in in_order(data.test, at_once(data.spec)):
        mean, log_variance = network.posterior(batch.x)
        means.append(mean.cpu())
        divergences.append(gaussian_kl(mean, log_variance).cpu())
    return torch.cat(means), torch.cat(divergences)


def score_posterior(network: HasPosterior, data: Dataset, *, seed: int) -> dict[str, float]:
    """Active units, and the nats that the code tells of an item.

    A unit is active where its posterior mean varies over the items: a variance above 0.01.

    Reference: Burda et al., 2016, Importance Weighted Autoencoders, arXiv:1509.00519, section 5.1.
    """
    means, divergences = posterior_of(network, data)
    active = means.var(0, correction=0) > ACTIVE
    return {"active_units": int(active.sum()), "kl": divergences.sum(1).mean().item()}


def divergences(network: HasPosterior, data: Dataset, *, seed: int) -> list[Figure]:
    """KL of each number of the code, the largest first."""
    means, each = posterior_of(network, data)
    found = each.mean(0).sort(descending=True)
    active = (means.var(0, correction=0) > ACTIVE)[found.indices]
    points = torch.stack([torch.arange(1, len(active) + 1).float(), found.values], 1)
    plot = scatter(points, (~active).long(), ("active", "given up"), ("number of the code, by rank", "KL in nats"))
    caption = f"What each number of the code tells of a test item: {int(active.sum())} of {len(active)} are active."
    return [Figure("divergences", "What each number of the code tells", caption, plot=plot)]
