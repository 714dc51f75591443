"""The relativistic loss and its two penalties."""

import math

import pytest
import torch
from made import POINTS, batch_of
from test_wgan_gp import linear_critic

from understudy.layers.adversarial_losses import ADVERSARIAL_LOSSES
from understudy.layers.players import Residual


def test_only_the_difference_of_logits_counts() -> None:
    loss = ADVERSARIAL_LOSSES["relativistic"]
    real, fake = torch.randn(5), torch.randn(5)
    assert loss.discriminator(real + 7, fake + 7, 0.0).item() == pytest.approx(
        loss.discriminator(real, fake, 0.0).item()
    )
    assert loss.discriminator(real, real, 0.0).item() == pytest.approx(math.log(2))
    assert loss.generator(real, fake).item() == pytest.approx(loss.discriminator(fake, real, 0.0).item())


def test_each_penalty_is_half_its_weight_times_the_squared_slope() -> None:
    for options, slopes in (({"r1": 2.0, "r2": 0.0}, 1), ({"r1": 0.0, "r2": 2.0}, 1), ({"r1": 2.0, "r2": 2.0}, 2)):
        network, _ = linear_critic("r3gan", **options, penalty_every=1)
        terms = network.discriminator_loss(batch_of(POINTS))
        assert terms["penalty"].item() == pytest.approx(slopes * 25)


def test_a_penalty_every_fourth_move_weighs_four_times() -> None:
    network, _ = linear_critic("r3gan", r1=1.0, r2=1.0, penalty_every=4)
    losses = []
    for _ in range(8):
        torch.manual_seed(0)
        losses.append(network.discriminator_loss(batch_of(POINTS))["loss"].item())
    assert losses[1] == losses[2] == losses[3] == losses[5]
    assert losses[0] == losses[4] == pytest.approx(losses[1] + 4 * 25)


def test_residual_blocks_begin_as_nothing() -> None:
    block = Residual(torch.nn.Linear(3, 3), torch.nn.Linear(3, 3, bias=False))
    x = torch.randn(4, 3)
    assert torch.equal(block(x), x)
