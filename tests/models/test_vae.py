"""The variational autoencoder against densities that are known exactly."""

import itertools
import math
from typing import Any

import pytest
import torch
from exact import DOTS, ROWS, built, generator, linear, nll
from made import batch_of, items_of
from torch.distributions import Normal

from understudy.data.dataset import Batch
from understudy.data.spec import ImageSpec, Spec
from understudy.errors import DataError
from understudy.models.vae import VAE


def vae(spec: Spec, seed: int = 0, **options: Any) -> VAE:
    network: VAE = built("vae", spec, seed, **options)
    return network


# The KL term


def test_the_kl_term_is_what_monte_carlo_finds() -> None:
    network = vae(ROWS, latent_dim=3)
    batch = batch_of(ROWS, 4)
    mean, log_variance = network.posterior(batch.x)
    q, prior = Normal(mean, (0.5 * log_variance).exp()), Normal(0.0, 1.0)
    torch.manual_seed(1)
    z = q.sample((50_000,))
    ratios = (q.log_prob(z) - prior.log_prob(z)).sum(2).mean(1)  # per draw, mean over the batch
    error = (ratios.std() / math.sqrt(len(ratios))).item()
    kl = network.loss(batch)["kl"].item()
    assert kl == pytest.approx(ratios.mean().item(), abs=5 * error)
    assert error < 0.02 * kl


@pytest.mark.parametrize("beta", [0.0, 0.5, 4.0])
def test_beta_scales_the_kl_term_and_nothing_else(beta: float) -> None:
    terms = []
    for value in (1.0, beta):
        network = vae(ROWS, beta=value)
        torch.manual_seed(2)
        terms.append({name: term.item() for name, term in network.loss(batch_of(ROWS)).items()})
    plain, scaled = terms
    assert scaled["kl"] == plain["kl"] > 0
    assert scaled["reconstruction"] == plain["reconstruction"]
    assert scaled["loss"] == pytest.approx(scaled["reconstruction"] + beta * scaled["kl"])


def test_the_loss_is_minus_the_mean_log_weight() -> None:
    network, x = vae(ROWS), items_of(ROWS, 50)
    losses = []
    torch.manual_seed(3)
    for _ in range(400):
        losses.append(network.loss(Batch(x))["loss"].item())
    bound = network.log_weights(x, 400, generator()).mean().item()
    error = torch.tensor(losses).std().item() / math.sqrt(400)
    assert sum(losses) / 400 == pytest.approx(-bound, abs=6 * error)


def test_free_bits_let_each_number_cost_so_much_for_nothing() -> None:
    batch = batch_of(ROWS, 64)
    mean, log_variance = vae(ROWS).posterior(batch.x)
    each = (0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)).mean(0)
    free = each.mean().item()  # one number is below, one above
    terms = vae(ROWS, free_bits=free).loss(batch)
    paid = free + each.max().item()
    assert terms["kl"].item() == pytest.approx(each.sum().item(), rel=1e-5)
    assert (terms["loss"] - terms["reconstruction"]).item() == pytest.approx(paid, rel=1e-4)


# The likelihood


def test_with_the_true_posterior_every_single_weight_is_the_exact_likelihood() -> None:
    network, exact = linear()
    x = exact.sample((20,))
    log_weights = network.log_weights(x, 50, generator())
    torch.testing.assert_close(log_weights, exact.log_prob(x).expand(50, 20), rtol=1e-4, atol=1e-4)


def test_the_mean_weight_is_unbiased_with_a_posterior_that_is_not_the_true_one() -> None:
    network, exact = linear(scale=1.4)
    x = exact.sample((10,))
    ratio = (network.log_weights(x, 40_000, generator()).double() - exact.log_prob(x)).exp()
    error = ratio.std(0) / math.sqrt(len(ratio))
    assert (ratio.mean(0) - 1).abs().max() < 5 * error.max()
    assert error.max() < 0.01


def test_the_bound_is_above_the_exact_value_and_tightens_with_more_samples() -> None:
    network, exact = linear(scale=1.8)
    torch.manual_seed(4)
    x = exact.sample((400,))
    truth = -exact.log_prob(x).mean().item()
    bounds = [nll(network, x, samples).mean().item() for samples in (1, 4, 32, 512)]
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[0] > truth + 0.1
    assert bounds[-1] == pytest.approx(truth, abs=0.01)
    elbo = -network.log_weights(x, 64, generator()).mean().item()
    assert elbo > bounds[1]


def test_the_probabilities_of_all_binary_pictures_sum_to_one() -> None:
    network = vae(DOTS, hidden=[])
    for layer in (network.encoder[1], network.decoder[0]):
        layer.weight.mul_(2)
    pictures = torch.tensor(list(itertools.product([0.0, 1.0], repeat=4))).reshape(16, 1, 2, 2)
    probability = torch.exp(-nll(network, pictures, 20_000))
    assert probability.sum().item() == pytest.approx(1, abs=0.02)
    assert probability.max() > 2 * probability.min()


def test_the_gaussian_standard_deviation_settles_at_the_residual() -> None:
    """At the optimum s^2 is the mean squared residual (Rybkin et al., equation 5): there its gradient is 0."""
    network, x = vae(ROWS), items_of(ROWS, 64)
    network.log_std.requires_grad_(True)

    def slope() -> float:
        torch.manual_seed(5)
        network.log_std.grad = None
        network.loss(Batch(x))["loss"].backward()
        return network.log_std.grad.item()

    torch.manual_seed(5)
    mean, log_variance = network.posterior(x)
    output = network.decode(mean + (0.5 * log_variance).exp() * torch.randn_like(mean))
    best = 0.5 * (x - output).square().mean().log()
    slopes = []
    for shift in (-0.1, 0.0, 0.1):
        with torch.no_grad():
            network.log_std.copy_(best + shift)
        slopes.append(slope())
    assert slopes[0] < -0.1 < slopes[1] < 0.1 < slopes[2]
    assert slopes[1] == pytest.approx(0, abs=1e-4)


# What is observed


def test_a_bernoulli_likelihood_sees_fresh_binary_pictures() -> None:
    network, x = vae(DOTS), torch.tensor([[[[0.0, 0.2], [0.7, 1.0]]]])
    many = network.observe(x.expand(20_000, 1, 2, 2), generator())
    assert set(many.unique().tolist()) == {0, 1}
    assert torch.allclose(many.mean(0), x[0], atol=0.02)
    repeated = [network.observe(many * 0.5, generator(seed)) for seed in (1, 1, 2)]
    assert torch.equal(repeated[0], repeated[1])
    assert not torch.equal(repeated[0], repeated[2])


def test_a_gaussian_likelihood_sees_the_items_themselves() -> None:
    x = items_of(ROWS, 5)
    assert vae(ROWS).observe(x) is x


@pytest.mark.parametrize(
    ("spec", "expected"), [(DOTS, "bernoulli"), (ImageSpec(3, 2, 2), "gaussian"), (ROWS, "gaussian")]
)
def test_auto_takes_bernoulli_for_grey_pictures_alone(spec: Spec, expected: str) -> None:
    assert vae(spec).likelihood == vae(spec).likelihood_name() == expected
    assert ("log_std" in dict(vae(spec).named_parameters())) == (expected == "gaussian")


def test_bernoulli_is_refused_for_values_without_bounds() -> None:
    with pytest.raises(DataError, match="use --set likelihood=gaussian"):
        vae(ROWS, likelihood="bernoulli")


def test_a_sample_is_decoded_from_the_prior() -> None:
    network, exact = linear()
    drawn = network.sample(40_000, generator())
    noiseless = exact.covariance_matrix - 0.6**2 * torch.eye(3)
    assert torch.allclose(drawn.mean(0), exact.mean, atol=0.03)
    assert torch.allclose(drawn.T.cov(), noiseless, atol=0.05)
