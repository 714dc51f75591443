"""The importance-weighted bound against likelihoods that are known exactly."""

import math

import pytest
import torch
from exact import ROWS, built, linear, nll
from made import items_of

from understudy.data.dataset import Batch


def mean_loss(network: object, x: torch.Tensor, times: int = 300) -> tuple[float, float]:
    """Mean of the loss over fresh draws, and its standard error."""
    torch.manual_seed(0)
    losses = torch.tensor([network.turns()[0].loss(Batch(x))["loss"].item() for _ in range(times)])  # type: ignore[attr-defined]
    return losses.mean().item(), losses.std().item() / math.sqrt(times)


def test_with_one_draw_it_is_the_vaes_bound() -> None:
    x = items_of(ROWS, 40)
    ours, error = mean_loss(built("iwae", ROWS, importance_samples=1), x)
    theirs, other = mean_loss(built("vae", ROWS), x)
    assert ours == pytest.approx(theirs, abs=4 * (error + other))


def test_more_draws_tighten_the_bound_towards_the_exact_value() -> None:
    losses = []
    for samples in (1, 5, 50):
        network, exact = linear("iwae", scale=1.8, importance_samples=samples)
        torch.manual_seed(4)
        x = exact.sample((200,))
        losses.append(mean_loss(network, x, 50)[0])
    truth = -exact.log_prob(x).mean().item()
    assert losses == sorted(losses, reverse=True)
    assert truth < losses[-1] < losses[0] - 0.1
    assert losses[-1] == pytest.approx(truth, abs=0.05)


def test_the_loss_is_the_score_at_as_many_draws_and_the_vaes_bound_stands_beside_it() -> None:
    network, x = built("iwae", ROWS, importance_samples=5), items_of(ROWS, 60)
    found, error = mean_loss(network, x)
    expected = torch.stack([nll(network, x, 5, seed).mean() for seed in range(100)])
    assert found == pytest.approx(expected.mean().item(), abs=5 * (error + expected.std().item() / 10))
    terms = network.turns()[0].loss(Batch(x))
    assert terms["negative_elbo"] > terms["loss"]


def test_the_gradient_is_the_bounds() -> None:
    """By central differences in the decoder's bias, with the draws held still."""
    network, exact = linear("iwae", scale=1.5, importance_samples=3)
    x = exact.sample((8,))
    bias = network.decoder[0].bias
    bias.requires_grad_(True)

    def loss() -> torch.Tensor:
        torch.manual_seed(9)
        value: torch.Tensor = network.loss(Batch(x))["loss"]
        return value

    (gradient,) = torch.autograd.grad(loss(), bias)
    for place in range(3):
        step = torch.zeros(3)
        step[place] = 1e-2
        with torch.no_grad():
            bias += step
            above = loss().item()
            bias -= 2 * step
            below = loss().item()
            bias += step
        assert gradient[place].item() == pytest.approx((above - below) / 2e-2, abs=1e-2)
