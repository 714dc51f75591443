"""What is read of a Boltzmann machine: its pseudo-likelihood, and through what a gradient goes."""

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from understudy.doctor import rules
from understudy.doctor.facts import Facts
from understudy.doctor.finding import Fired, NotApplicable
from understudy.doctor.pace import Pace
from understudy.doctor.subject import Part
from understudy.doctor.watch.scene import set_scene
from understudy.doctor.watch.senses.energies import Energies, goes_through_units


class Machine(nn.Module):
    def __init__(self, bits: int, mean: bool) -> None:
        super().__init__()
        self.W, self.mean = nn.Parameter(torch.randn(3, bits)), mean
        self.a, self.b = nn.Parameter(torch.randn(bits)), nn.Parameter(torch.randn(3))

    def free_energy(self, v: Tensor) -> Tensor:
        each = -v @ self.a - F.softplus(F.linear(v, self.W, self.b)).sum(1)
        return each.mean() if self.mean else each


def read(machine: Machine, v: Tensor) -> Any:
    scene = set_scene(machine, torch.optim.SGD(machine.parameters(), lr=0.1), None)
    parts = {name: lambda most: Part(v) for name in ("training", "held-out")}
    Energies(scene, parts, Pace()).begins()
    return scene.notes.signals()


@pytest.mark.parametrize("mean", [False, True])
def test_the_pseudo_likelihood_is_that_of_all_states(mean: bool) -> None:
    """Of 4 bits: p(bit | others) by counting both states' unnormalised probabilities."""
    torch.manual_seed(0)
    machine, v = Machine(4, mean), torch.bernoulli(torch.full((48, 4), 0.5))
    unnormalised = lambda one: math.exp(-machine.free_energy(one[None]).item())  # noqa: E731
    expected = 0.0
    for one in v:
        for bit in range(4):
            other = one.clone()
            other[bit] = 1 - other[bit]
            expected += math.log(unnormalised(one) / (unnormalised(one) + unnormalised(other)))
    found = read(machine, v)
    assert found.one("pseudo_likelihood", "training").last == pytest.approx(expected / len(v), rel=1e-4)
    assert found.one("free_energy_gap").last == 0


def test_bits_that_know_nothing_of_each_other() -> None:
    """A machine without weights, its biases the data's log-odds, is as likely as independent bits."""
    torch.manual_seed(0)
    v = torch.bernoulli(torch.tensor([0.2, 0.5, 0.7]).expand(48, 3))
    machine = Machine(3, mean=False)
    p = v.mean(0)
    with torch.no_grad():
        machine.W.zero_()
        machine.a.copy_(torch.log(p / (1 - p)))
    found = read(machine, v)
    alone = found.one("independent_bits", "training").last
    assert found.one("pseudo_likelihood", "training").last == pytest.approx(alone, rel=1e-4)


def test_a_gradient_goes_through_probabilities_and_stops_at_a_sample() -> None:
    machine, v = Machine(4, mean=True), torch.ones(5, 4)
    p = torch.sigmoid(F.linear(v, machine.W, machine.b))
    assert goes_through_units(F.linear(p, machine.W.T).mean())
    assert not goes_through_units(F.linear(torch.bernoulli(p), machine.W.T).mean())
    assert not goes_through_units(F.linear(torch.relu(torch.sign(p - torch.rand(5, 3))), machine.W.T).mean())
    assert not goes_through_units(F.linear(p.detach(), machine.W.T).mean())
    assert not goes_through_units(machine.free_energy(v))


def test_weights_that_begin_near_0_may_grow() -> None:
    """A machine's weights begin with a deviation of 0.01: there is nothing in their growth."""
    rule = rules.one("weights-blow-up")
    assert isinstance(rule.outcome(rule.sick.signals, Facts()), Fired)
    assert isinstance(rule.outcome(rule.sick.signals, Facts(families=frozenset({"rbm"}))), NotApplicable)
