"""Does a Boltzmann machine find its data likelier than it did, and does a gradient go through its chain?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from understudy.doctor.pace import LOOKS, Pace
from understudy.doctor.structure.graph import nodes_of
from understudy.doctor.subject import Part
from understudy.doctor.watch.aside import aside
from understudy.doctor.watch.lines import Line, their_line
from understudy.doctor.watch.scene import Scene
from understudy.doctor.watch.senses.sense import Backward, Call, Sense

ITEMS, BITS = 48, 32
"""Of each part, and bits of each item that are turned: the same ones each time."""
SEED = 0
DRAWS = {"bernoulli", "bernoulli_", "rand", "rand_like", "uniform_", "multinomial", "randn", "randn_like", "normal"}
PROBABILITIES = {"sigmoid", "sigmoid_"}
SAMPLES = {"BernoulliBackward0", "SignBackward0", "RoundBackward0", "FloorBackward0", "CeilBackward0"}
"""Nodes that let no gradient through: units are drawn by them, as by sign(p - u)."""


class Energies(Sense):
    """Of a module with `free_energy(v)`, where data were passed, early at each doubling of the rounds, then as the pace
    allows and at the end: `pseudo_likelihood` of `training` and `held-out` items, in nats an item; `independent_bits`,
    the same of bits that have their own frequencies and know nothing of each other; and `free_energy_gap`, held-out
    less training. And `chain_in_graph`: 1 where a loss's gradient goes through probabilities of units, else 0; and
    `units_drawn`: of rounds in which units' probabilities were heard, 1 where anything was drawn at random, else 0.

    The pseudo-likelihood is the sum over bits of log p(bit | other bits) = log sigmoid(F(v, bit turned) - F(v)), here
    of some bits, times their number over that. Items are rounded to 0 and 1.

    Reference: Besag, 1975, Statistical Analysis of Non-Lattice Data; Hinton, 2010, A Practical Guide to Training
    Restricted Boltzmann Machines, section 6 (the gap).
    """

    always: ClassVar[bool] = True

    def __init__(self, scene: Scene, parts: Mapping[str, Callable[[int], Part]], pace: Pace) -> None:
        super().__init__(scene)
        self._pace, self._parts = pace, parts
        self._machine: Any = next((one for one in scene.modules.values() if hasattr(one, "free_energy")), None)
        self._called: dict[str, Line | None] = {}
        self._loss: Line | None = None
        self._items: dict[str, Tensor] = {}

    def begins(self) -> None:
        """Before anything is learnt."""
        if self._machine is None or not self._parts:
            return
        self._items = {name: binary(part(ITEMS).items) for name, part in self._parts.items()}
        frequencies = self._items["training"].mean(0).clamp(1 / ITEMS, 1 - 1 / ITEMS)
        bits = some_bits(frequencies.numel())
        for name, v in self._items.items():
            chance = torch.where(v > 0, frequencies, 1 - frequencies)[:, bits]
            self.notes.take("independent_bits", chance.log().sum(1).mean() * _share(v, bits), name)
        self._read()

    def before_backward(self, event: Backward) -> None:
        """Through what does the gradient go?"""
        if self._machine is not None and event.graph is not None:
            self.notes.take("chain_in_graph", goes_through_units(*event.roots), "", event.line)

    def after_call(self, call: Call) -> None:
        """Is anything drawn, and where is the loss made?"""
        if self._machine is None:
            return
        self._called.setdefault(call.name, call.line)
        made = call.result
        if isinstance(made, Tensor) and made.dim() == 0 and made.requires_grad and call.line is not None:
            self._loss = call.line

    def before_step(self, player: str) -> None:
        """Gradients that no backward pass brought were made before this."""
        self._loss = self._loss or their_line()

    def round_ends(self) -> None:
        """What was heard; and where it is due, a look."""
        if units := PROBABILITIES & self._called.keys():
            self.notes.take("units_drawn", bool(DRAWS & self._called.keys()), "", self._called[min(units)])
        self._called.clear()
        round_ = self.notes.round
        early = 1 < round_ < LOOKS * 16 and round_ & (round_ - 1) == 0
        if self._items and (early or self._pace.look_due(round_)):
            with self._pace.working("validation"):
                self._read()

    def ends(self) -> None:
        """A last time."""
        if self._items:
            self._read()

    def _read(self) -> None:
        device = self._device()
        means = {}
        with aside(self._machine):
            for name, v in self._items.items():
                found = self._energy(v.to(device))
                self.notes.take("pseudo_likelihood", self._pseudo(v.to(device), found), name, self._loss)
                means[name] = found.mean()
        self.notes.take("free_energy_gap", means["held-out"] - means["training"])

    def _device(self) -> torch.device:
        return next((weight.device for weight in self._machine.parameters()), torch.device("cpu"))

    def _pseudo(self, v: Tensor, energy: Tensor) -> Tensor:
        bits = some_bits(v.shape[1])
        turned = v[:, None].repeat(1, len(bits), 1)
        places = torch.arange(len(bits))
        turned[:, places, bits] = 1 - turned[:, places, bits]
        others = self._energy(turned.flatten(0, 1)).view(len(v), len(bits))
        return F.logsigmoid(others - energy[:, None]).sum(1).mean() * _share(v, bits)

    def _energy(self, v: Tensor) -> Tensor:
        """(items, bits) -> (items,), though a machine may give their mean alone."""
        found: Tensor = self._machine.free_energy(v)
        if found.numel() != len(v):
            found = torch.vmap(lambda one: self._machine.free_energy(one[None]))(v)
        return found.reshape(-1)


def binary(items: Tensor) -> Tensor:
    """(items, ...) -> (items, bits)."""
    return (items.flatten(1).float() >= 0.5).float()


def some_bits(count: int) -> Tensor:
    """Places of bits, evenly at random, the same each time."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(SEED))[:BITS]


def _share(v: Tensor, bits: Tensor) -> float:
    return v.shape[1] / len(bits)


def goes_through_units(*roots: Tensor) -> bool:
    """Whether a sigmoid is behind these that a gradient reaches: none goes through a sample."""
    return any(node.name() == "SigmoidBackward0" for node in nodes_of(*roots, closed=SAMPLES))
