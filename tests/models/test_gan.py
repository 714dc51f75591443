"""The players' losses against the paper's theory."""

import math

import pytest
import torch
from made import POINTS, batch_of
from test_adversarial import adversarial
from torch import nn

from understudy.layers.adversarial_losses import ADVERSARIAL_LOSSES

SOME = torch.linspace(-3, 3, 13)


def test_a_discriminator_that_cannot_tell_has_a_loss_of_log_4() -> None:
    """Goodfellow et al., 2014, theorem 1."""
    network = adversarial()
    for parameter in network.discriminator.parameters():
        nn.init.zeros_(parameter)
    terms = network.discriminator_loss(batch_of(POINTS))
    assert terms["loss"].item() == pytest.approx(math.log(4))


def test_the_best_discriminator_gives_the_share_of_real_items() -> None:
    """Goodfellow et al., 2014, proposition 1: D = p / (p + q), where 3 of 4 items at a place are real."""
    logit = torch.zeros(1, requires_grad=True)
    for _ in range(200):
        loss = ADVERSARIAL_LOSSES["minimax"].discriminator(logit.expand(4), logit, 0.0)
        other = ADVERSARIAL_LOSSES["minimax"].discriminator(logit.expand(4), torch.full((4,), -1e3), 0.0)
        (gradient,) = torch.autograd.grad(loss + 2 * other, logit)  # three times real, once fake
        logit = (logit - 0.5 * gradient).detach().requires_grad_()
    assert torch.sigmoid(logit).item() == pytest.approx(0.75, abs=1e-3)


@pytest.mark.parametrize("name", ADVERSARIAL_LOSSES)
def test_losses_of_absurd_logits_are_finite(name: str) -> None:
    """The log of a sigmoid that is 0 was infinite, and its gradient NaN."""
    loss = ADVERSARIAL_LOSSES[name]
    real = torch.tensor([-1e4, 1e4], requires_grad=True)
    fake = torch.tensor([1e4, -1e4], requires_grad=True)
    for value in (loss.discriminator(real, fake, 0.0), loss.generator(real, fake)):
        assert value.isfinite()
        gradients = torch.autograd.grad(value, [real, fake], allow_unused=True)
        assert all(gradient.isfinite().all() for gradient in gradients if gradient is not None)


@pytest.mark.parametrize("name", ADVERSARIAL_LOSSES)
def test_players_pull_a_fake_in_opposite_directions(name: str) -> None:
    loss = ADVERSARIAL_LOSSES[name]
    fake = (SOME / 4).requires_grad_()  # within the hinge and below the label of least squares
    (down,) = torch.autograd.grad(loss.discriminator(SOME / 4, fake, 0.0), fake)
    (up,) = torch.autograd.grad(loss.generator(SOME / 4, fake), fake)
    assert (up < 0).all()
    assert (down[SOME > 0] > 0).all()


def test_minimax_has_no_slope_where_non_saturating_has() -> None:
    fake = torch.tensor([-10.0], requires_grad=True)
    slopes = {
        name: torch.autograd.grad(ADVERSARIAL_LOSSES[name].generator(fake, fake), fake)[0].item()
        for name in ("minimax", "non-saturating")
    }
    assert abs(slopes["minimax"]) < 1e-4
    assert abs(slopes["non-saturating"]) > 0.99


def test_a_hinge_asks_for_a_margin_of_1_and_a_critic_for_all_that_there_is() -> None:
    real, fake = torch.tensor([1.0, 5.0]), torch.tensor([-1.0, -5.0])
    hinge, critic = ADVERSARIAL_LOSSES["hinge"], ADVERSARIAL_LOSSES["wasserstein"]
    assert hinge.discriminator(real, fake, 0.0).item() == 0
    assert hinge.discriminator(real - 1, fake + 0.5, 0.0).item() == pytest.approx(0.5 + 0.25)
    assert critic.discriminator(real, fake, 0.0).item() == -6
    assert hinge.generator(real, fake).item() == critic.generator(real, fake).item() == 3


@pytest.mark.parametrize(("name", "best"), [("non-saturating", math.log(0.9 / 0.1)), ("least-squares", 0.9)])
def test_smoothed_labels_move_the_best_logit(name: str, best: float) -> None:
    real = torch.tensor([best], requires_grad=True)
    loss = ADVERSARIAL_LOSSES[name].discriminator(real, torch.zeros(1), 0.1)
    (gradient,) = torch.autograd.grad(loss, real)
    assert gradient.item() == pytest.approx(0, abs=1e-6)
