"""The gradient penalty against a critic whose gradient is known."""

import pytest
import torch
from made import POINTS, batch_of
from test_adversarial import adversarial
from torch import nn


def linear_critic(name: str, **options: object) -> tuple[object, nn.Linear]:
    network = adversarial(name, POINTS, **options)
    critic = nn.Linear(2, 1)
    with torch.no_grad():
        critic.weight.copy_(torch.tensor([[3.0, 4.0]]))  # of length 5, everywhere
    network.discriminator = critic
    return network, critic


def test_the_penalty_is_ten_times_the_squared_distance_of_the_slope_from_one() -> None:
    network, _ = linear_critic("wgan-gp")
    terms = network.discriminator_loss(batch_of(POINTS))
    assert terms["penalty_norm"].item() == pytest.approx(5)
    assert terms["penalty"].item() == pytest.approx(10 * (5 - 1) ** 2)
    assert terms["loss"].item() == pytest.approx((terms["fake"] - terms["real"] + terms["penalty"]).item(), rel=1e-5)


def test_the_penalty_pulls_the_slope_to_one() -> None:
    """It is applied, not only logged: its gradient reaches the weights."""
    network, critic = linear_critic("wgan-gp")
    optimizer = torch.optim.SGD(critic.parameters(), 0.01)
    for _ in range(100):
        optimizer.zero_grad()
        network.discriminator_loss(batch_of(POINTS))["penalty"].backward()
        optimizer.step()
    assert critic.weight.norm().item() == pytest.approx(1, abs=1e-3)


def test_places_of_the_penalty_lie_between_real_items_and_fakes() -> None:
    from understudy.layers.gradient_penalty import between

    real, fakes = torch.zeros(1000, 2), torch.tensor([2.0, -4.0]).expand(1000, 2)
    places = between(real, fakes)
    assert torch.allclose(places[:, 1], -2 * places[:, 0])
    assert places[:, 0].min() >= 0
    assert places[:, 0].max() <= 2
    assert places[:, 0].mean().item() == pytest.approx(1, abs=0.1)
