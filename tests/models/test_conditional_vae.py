"""The conditional autoencoder against a mixture of normal densities, which is known exactly."""

import dataclasses
from typing import Any

import pytest
import torch
from exact import BIAS, COVARIANCE, ROWS, generator, linear, nll
from made import PICTURES, POINTS, batch_of
from torch import Tensor
from torch.distributions import MultivariateNormal

from understudy import models
from understudy.data.dataset import Batch
from understudy.errors import DataError
from understudy.models.conditional_vae import ConditionalVAE

CLASSED = dataclasses.replace(ROWS, classes=("a", "b", "c"))
SHIFTS = torch.tensor([[0.0, 0.0, 0.0], [2.0, 0.0, -1.0], [-1.0, 1.5, 0.0]])
LOGITS = torch.tensor([0.5, 0.0, -1.0])


def mixture(scale: float = 1.0) -> ConditionalVAE:
    """p(x | y) = N(b + shift_y, WW' + s^2 I), p(y) = softmax(logits); the encoder is the true posterior."""
    network, _ = linear("conditional-vae", scale, CLASSED, beta=1.0, free_bits=0.0)
    network.decoder[0].weight[:, 2:] = SHIFTS.T
    network.class_item.weight.copy_(-SHIFTS)
    network.class_logits.copy_(LOGITS)
    assert isinstance(network, ConditionalVAE)
    return network


def log_joint(x: Tensor) -> Tensor:
    """log p(x, y): (batch, 3) -> (batch, classes)."""
    densities = [MultivariateNormal(BIAS + shift, COVARIANCE).log_prob(x) for shift in SHIFTS]
    return torch.stack(densities, 1) + LOGITS.log_softmax(0)


def items(count: int) -> tuple[Tensor, Tensor]:
    """Items of the mixture, and their classes."""
    torch.manual_seed(1)
    y = torch.multinomial(LOGITS.softmax(0), count, replacement=True)
    return MultivariateNormal(BIAS, COVARIANCE).sample((count,)) + SHIFTS[y], y


def test_the_likelihood_of_an_item_alone_is_the_mixtures() -> None:
    x, _ = items(30)
    exact = torch.logsumexp(log_joint(x), 1)
    # With the true posteriors over z and over the class every weight is the likelihood itself.
    torch.testing.assert_close(mixture().log_weights(x, 20, generator()), exact.expand(20, 30), rtol=1e-3, atol=1e-3)


def test_a_poor_posterior_still_gives_a_bound_that_tightens() -> None:
    x, _ = items(300)
    truth = -torch.logsumexp(log_joint(x), 1).mean().item()
    bounds = [nll(mixture(1.6), x, samples).mean().item() for samples in (1, 16, 1000)]
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[-1] == pytest.approx(truth, abs=0.02)


def test_the_class_is_the_most_probable_one() -> None:
    x, _ = items(200)
    assert torch.equal(mixture().classify(x), log_joint(x).argmax(1))


def test_the_loss_bounds_the_joint_and_is_exact_with_the_true_posterior() -> None:
    x, y = items(60)
    network = mixture()
    torch.manual_seed(0)
    losses = torch.tensor([network.loss(Batch(x, y))["loss"].item() for _ in range(400)])
    exact = -log_joint(x)[torch.arange(60), y].mean().item()
    assert losses.mean().item() == pytest.approx(exact, abs=5 * losses.std().item() / 20)


def test_samples_are_of_the_asked_class_and_without_one_of_the_learnt_frequencies() -> None:
    network = mixture()
    for number, shift in enumerate(SHIFTS):
        drawn = network.sample_of(torch.full((20_000,), number), generator())
        assert torch.allclose(drawn.mean(0), BIAS + shift, atol=0.05)
    mixed = network.sample(40_000, generator(3)).mean(0)
    assert torch.allclose(mixed, BIAS + LOGITS.softmax(0) @ SHIFTS, atol=0.05)


def test_training_learns_the_frequencies_of_the_classes() -> None:
    torch.manual_seed(0)
    network: Any = models.build("conditional-vae", {"hidden": [8], "latent_dim": 2}, CLASSED)
    y = torch.tensor([0] * 60 + [1] * 30 + [2] * 10)
    optimizer = torch.optim.Adam(network.parameters(), 3e-2)
    for _ in range(300):
        optimizer.zero_grad()
        network.loss(Batch(torch.randn(100, 3), y))["loss"].backward()
        optimizer.step()
    assert network.class_logits.softmax(0).tolist() == pytest.approx([0.6, 0.3, 0.1], abs=0.03)


def test_a_code_is_z_and_the_class() -> None:
    torch.manual_seed(0)
    network: Any = models.build("conditional-vae", {"hidden": [8], "latent_dim": 4}, PICTURES)
    x = batch_of(PICTURES, 7).x
    codes = network.encode(x)
    assert codes.shape == (7, 4 + 10)
    assert torch.equal(codes[:, 4:].argmax(1), network.classify(x))
    assert torch.equal(codes[:, :4], network.posterior(x, network.classify(x))[0])


def test_data_without_classes_is_refused_with_what_to_do() -> None:
    with pytest.raises(DataError, match=r"needs items with classes.*use --set labels"):
        models.build("conditional-vae", {}, POINTS)
