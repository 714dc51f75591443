"""Variational autoencoders whose density is known in closed form."""

import math
from typing import Any

import torch
from torch import Generator, Tensor
from torch.distributions import MultivariateNormal

from understudy import models
from understudy.data.spec import ImageSpec, Spec, VectorSpec
from understudy.models.variational import Variational

ROWS = VectorSpec(3, (0.0,) * 3, (1.0,) * 3)
DOTS = ImageSpec(1, 2, 2)


def built(name: str, spec: Spec, seed: int = 0, **options: Any) -> Any:
    torch.manual_seed(seed)
    network = models.build(name, {"hidden": [8], "latent_dim": 2, **options}, spec)
    assert isinstance(network, Variational)
    return network.eval().requires_grad_(False)


WEIGHT = torch.tensor([[1.0, 1.0], [1.0, -1.0], [0.5, 0.0]]) @ torch.diag(torch.tensor([1.0, 0.7]))
BIAS, STD = torch.tensor([0.3, -0.2, 1.0]), 0.6
COVARIANCE = WEIGHT @ WEIGHT.T + STD**2 * torch.eye(3)


def linear(name: str = "vae", scale: float = 1.0, spec: Spec = ROWS, **options: Any) -> tuple[Any, MultivariateNormal]:
    """z ~ N(0, I), x | z ~ N(Wz + b, s^2 I), so that x ~ N(b, WW' + s^2 I); W'W is diagonal, and so is q's covariance.

    The encoder is the true posterior, its standard deviations times `scale`.
    """
    network = built(name, spec, hidden=[], **options)
    precision = torch.eye(2) + WEIGHT.T @ WEIGHT / STD**2
    assert precision[0, 1] == 0
    towards = torch.linalg.inv(precision) @ WEIGHT.T / STD**2
    network.decoder[0].weight[:, :2] = WEIGHT
    network.decoder[0].bias.copy_(BIAS)
    network.log_std.fill_(math.log(STD))
    network.encoder[1].weight.copy_(torch.cat([towards, torch.zeros(2, 3)]))
    log_variance = -precision.diag().log() + 2 * math.log(scale)
    network.encoder[1].bias.copy_(torch.cat([-towards @ BIAS, log_variance]))
    return network, MultivariateNormal(BIAS, COVARIANCE)


def generator(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def nll(network: Variational, x: Tensor, samples: int, seed: int = 0) -> Tensor:
    log_weights = network.log_weights(x, samples, generator(seed)).double()
    return math.log(samples) - torch.logsumexp(log_weights, 0)
