"""What discriminator and generator minimise, from the discriminator's logits, never from its probabilities."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch.nn.functional as F
from torch import Tensor

AdversarialLossName = Literal["minimax", "non-saturating", "least-squares", "hinge", "wasserstein", "relativistic"]


@dataclass(frozen=True)
class AdversarialLoss:
    """Losses of the two players; each takes the logits of real items and of fakes, (batch,) both, and gives a scalar.

    Attributes:
        discriminator: takes the share of label smoothing as well.
        smooths: whether it has a label to smooth.
        compares: whether the generator's loss needs the real items' logits.
    """

    discriminator: Callable[[Tensor, Tensor, float], Tensor]
    generator: Callable[[Tensor, Tensor], Tensor]
    smooths: bool = False
    compares: bool = False


def _log_loss(real: Tensor, fake: Tensor, smoothing: float) -> Tensor:
    """-log D(x) - log(1 - D(G(z))), D being the logit's sigmoid; real items are real by 1 - smoothing."""
    return (F.softplus(-real) + smoothing * real + F.softplus(fake)).mean()


def _square_loss(real: Tensor, fake: Tensor, smoothing: float) -> Tensor:
    return 0.5 * ((real - (1 - smoothing)).square() + fake.square()).mean()


ADVERSARIAL_LOSSES: dict[AdversarialLossName, AdversarialLoss] = {
    # Goodfellow et al., 2014, arXiv:1406.2661, equation 1, and the generator's other loss in section 3.
    "minimax": AdversarialLoss(_log_loss, lambda real, fake: -F.softplus(fake).mean(), smooths=True),
    "non-saturating": AdversarialLoss(_log_loss, lambda real, fake: F.softplus(-fake).mean(), smooths=True),
    # Mao et al., 2017, arXiv:1611.04076, equation 9.
    "least-squares": AdversarialLoss(_square_loss, lambda real, fake: 0.5 * (fake - 1).square().mean(), smooths=True),
    # Lim and Ye, 2017, arXiv:1705.02894; Miyato et al., 2018, arXiv:1802.05957, equations 16 and 17.
    "hinge": AdversarialLoss(
        lambda real, fake, _: (F.relu(1 - real) + F.relu(1 + fake)).mean(), lambda real, fake: -fake.mean()
    ),
    # Arjovsky et al., 2017, arXiv:1701.07875, algorithm 1.
    "wasserstein": AdversarialLoss(lambda real, fake, _: (fake - real).mean(), lambda real, fake: -fake.mean()),
    # Huang et al., 2024, arXiv:2501.05441, equation 2, with f(t) = -log(1 + exp(-t)): each fake against one real item.
    "relativistic": AdversarialLoss(
        lambda real, fake, _: F.softplus(fake - real).mean(),
        lambda real, fake: F.softplus(real - fake).mean(),
        compares=True,
    ),
}
