"""The gradient of a discriminator's logits to the items that it judges, for penalties on it."""

import torch
from torch import Tensor


def gradient_norms(logits: Tensor, x: Tensor) -> Tensor:
    """Length of the gradient of the logits' sum to each item, differentiable once more.

    It is each item's own gradient where no layer mixes the items of a batch.

    Shapes: (packs,), from x (batch, ...) that requires a gradient -> (batch,)
    """
    (gradient,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
    lengths: Tensor = gradient.float().flatten(1).norm(dim=1)
    return lengths


def between(real: Tensor, fakes: Tensor) -> Tensor:
    """A point on the straight line between each real item and a fake, anywhere on it with the same probability."""
    share = torch.rand(len(real), *[1] * (real.ndim - 1), device=real.device)
    return real + share * (fakes - real)
