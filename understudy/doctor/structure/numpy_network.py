"""A network in NumPy whose gradients were found by hand: is each layer's backward pass right, and the whole?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from understudy.data.dataset import Batch
from understudy.doctor.structure.by_hand import FEW, LIMIT, Judged, Unchecked, judge
from understudy.doctor.subject import Subject
from understudy.layers.by_hand import ByHand
from understudy.models.network import Network
from understudy.scratch.gradient_check.differences import jacobian
from understudy.scratch.gradient_check.subjects import PlainSubject
from understudy.scratch.layer import Array

DIRECTIONS = 4
"""At random, along which a parameter is moved."""


def judge_layers(network: nn.Module, batch: Any) -> Iterator[tuple[str, Judged | Unchecked]]:
    """Each layer on what it is given of a few items, by its name."""
    assert isinstance(network, Network)
    inputs: dict[str, Array] = {}
    layers = {name: part for name, part in network.named_modules() if isinstance(part, ByHand)}

    def note(name: str, layer: nn.Module, args: tuple[Tensor, ...]) -> None:
        inputs.setdefault(name, args[0].numpy())

    handles = [layer.register_forward_pre_hook(partial(note, name)) for name, layer in layers.items()]
    try:
        with torch.no_grad():
            network.pass_through(batch.x[:FEW])
    finally:
        for handle in handles:
            handle.remove()
    for name, x in inputs.items():
        for found in judge(PlainSubject(layers[name].bound()), [x]):
            yield name, found


def judge_loss(subject: Subject, player: str, batch: Any) -> Iterator[tuple[str, Judged | Unchecked]]:
    """The gradient of the whole loss along random directions of each parameter, in float64."""
    assert subject.loss is not None and isinstance(batch, Batch)
    weights = {name: one for name, one in subject.module.named_parameters() if one.requires_grad}
    few = replace(batch, x=batch.x[:FEW].double(), y=None if batch.y is None else batch.y[:FEW])
    value = partial(subject.loss, player, few)
    with _in_float64(weights):
        loss = value()
        gradients = torch.autograd.grad(loss, list(weights.values()), allow_unused=True)
        for (name, weight), gradient in zip(weights.items(), gradients, strict=True):
            where, _, slot = name.rpartition(".")
            if gradient is None:
                yield where, Unchecked(f"{slot}: the loss has no gradient for it")
            else:
                yield where, _along(weight, gradient, loss.item(), lambda: value().item(), slot)


def _along(weight: Tensor, gradient: Tensor, loss: float, value: Any, slot: str) -> Judged | Unchecked:
    generator = np.random.default_rng(0)
    drawn = generator.standard_normal((DIRECTIONS, *weight.shape))
    directions = torch.from_numpy(
        drawn / np.linalg.norm(drawn.reshape(DIRECTIONS, -1), axis=1).reshape(-1, *[1] * weight.dim())
    )

    def moved(number: int, delta: float) -> Array:
        before = weight.detach().clone()
        with torch.no_grad():
            weight.add_(directions[number], alpha=delta)
            found = np.array([value()])
            weight.copy_(before)
        return found

    slopes = jacobian(moved, DIRECTIONS, np.array([loss]), generator)
    kept = ~slopes.kinks[:, 0]
    given = (directions * gradient).flatten(1).sum(1).numpy()[kept]
    numeric = slopes.slopes[kept, 0]
    size = float(np.linalg.norm(numeric))
    if not kept.any() or size < 1e-7 * max(abs(loss), 1e-12):
        return Unchecked(f"{slot}: at a kink along every direction, or without slope")
    error, ratio = float(np.linalg.norm(given - numeric)) / size, float(given @ numeric) / size**2
    alike = float(np.linalg.norm(given - ratio * numeric)) < 1e-4 * max(abs(ratio), 1e-12) * size
    wrong = error > LIMIT[8]
    mistake = "the loss's own gradient, or the order in which the layers are put together" if wrong else ""
    return Judged(slot, error, LIMIT[8], ratio if alike and wrong else None, mistake=mistake)


@contextmanager
def _in_float64(weights: dict[str, nn.Parameter]) -> Iterator[None]:
    """Within the block; afterwards the very tensors are back."""
    before = {name: one.data for name, one in weights.items()}
    try:
        for one in weights.values():
            one.data = one.data.double()
        yield
    finally:
        for name, one in weights.items():
            one.data = before[name]
