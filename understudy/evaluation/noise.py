"""What lies between two noises."""

import math

import torch
from torch import Tensor

from understudy.data.batches import at_once
from understudy.data.dataset import Dataset
from understudy.data.spec import ImageSpec, Spec
from understudy.evaluation.figures import Figure, grid
from understudy.models.capabilities import Generates, SamplesClasses

PAIRS, MOST_CLASSES = 6, 10
STEPS = 11


def arc(first: Tensor, last: Tensor, steps: int) -> Tensor:
    """From one noise to another, each step with the mean and variance of a draw, as the straight line has not.

    Shapes: twice (pairs, noise_dim) -> (pairs * steps, noise_dim)

    Reference: White, 2016, Sampling Generative Networks, arXiv:1609.04468, section 2.1.
    """
    angle = torch.linspace(0, math.pi / 2, steps, device=first.device).view(1, steps, 1)
    return (first.unsqueeze(1) * angle.cos() + last.unsqueeze(1) * angle.sin()).flatten(0, 1)


def walk(network: Generates, spec: Spec, pairs: int, steps: int, seed: int) -> Tensor:
    """Items from the noises between `pairs` pairs of draws, each pair of one class where the network is told classes.

    Shapes: -> (pairs * steps, *spec.shape)
    """
    generator = torch.Generator().manual_seed(seed)
    noise = arc(network.draw_noise(pairs, generator), network.draw_noise(pairs, generator), steps)
    parts = noise.split(at_once(spec))
    if not isinstance(network, SamplesClasses):
        return torch.cat([network.generate(part) for part in parts])
    classes = (torch.arange(pairs) % len(spec.classes)).repeat_interleave(steps).to(noise.device)
    told = classes.split(at_once(spec))
    return torch.cat([network.generate(part, its) for part, its in zip(parts, told, strict=True)])


def between_noises(network: Generates, data: Dataset, *, seed: int) -> list[Figure]:
    """Samples turning into others."""
    if not isinstance(data.spec, ImageSpec):
        return []
    classes = data.spec.classes[:MOST_CLASSES] if isinstance(network, SamplesClasses) else ()
    made = walk(network, data.spec, len(classes) or PAIRS, STEPS, seed)
    each = f" A row for each class: {', '.join(classes)}." if classes else ""
    caption = f"From one noise, left, to another, right, along an arc, so that every step is as likely as a draw.{each}"
    return [Figure("between-noises", "From noise to noise", caption, image=grid(made.cpu(), STEPS))]
