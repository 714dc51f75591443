"""The paper's equations, and who learns from what."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from made import SPECS, batch_of, dataset_of, session_of
from torch import Tensor, nn

from understudy import models
from understudy.data.spec import DomainsSpec
from understudy.errors import DataError, OptionError, UnknownName
from understudy.models.cyclegan import CycleGAN
from understudy.training.loop import train

SPEC = SPECS["two domains"]
SMALL = {"generator_channels": 4, "discriminator_channels": (4, 4), "pool": 10}


def cyclegan(**options: Any) -> CycleGAN:
    torch.manual_seed(0)
    network = models.build("cyclegan", {**SMALL, **options}, SPEC)
    assert isinstance(network, CycleGAN)
    return network


class Map(nn.Module):
    """A generator that is known: pictures from -1 to 1 to others, given before the tanh."""

    def __init__(self, change: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.change = change

    def forward(self, x: Tensor) -> Tensor:
        return torch.atanh(self.change(x).clamp(-1 + 1e-6, 1 - 1e-6))


def test_two_generators_that_undo_each_other_have_no_cycle_loss() -> None:
    """Equation 2: F(G(a)) = a and G(F(b)) = b, whatever G is. But G(b) is not b."""
    network, batch = cyclegan(), batch_of(SPEC)
    network.generators[0], network.generators[1] = Map(lambda x: -x), Map(lambda x: -x)
    terms = network.generator_loss(batch)
    assert terms["cycle"].item() == pytest.approx(0, abs=1e-4)
    assert terms["identity"].item() == pytest.approx(4 * (2 * batch.x - 1).abs().mean().item(), rel=1e-2)
    network.generators[1] = Map(lambda x: x)
    assert network.generator_loss(batch)["cycle"].item() > 0.1
    network.generators[0] = Map(lambda x: x)
    terms = network.generator_loss(batch)
    assert terms["cycle"].item() == pytest.approx(0, abs=1e-4)
    assert terms["identity"].item() == pytest.approx(0, abs=1e-4)


def test_the_loss_is_the_papers() -> None:
    network, batch = cyclegan(cycle_weight=3.0, identity_weight=0.25), batch_of(SPEC)
    a, b = (2 * batch.x[:, side] - 1 for side in (0, 1))
    to_a, to_b = (lambda x, g=g: torch.tanh(g(x)) for g in network.generators)
    judge_a, judge_b = network.discriminators
    terms = network.generator_loss(batch)
    adversarial = (judge_b(to_b(a)) - 1).square().mean() + (judge_a(to_a(b)) - 1).square().mean()
    cycle = (to_a(to_b(a)) - a).abs().mean() + (to_b(to_a(b)) - b).abs().mean()
    identity = (to_b(b) - b).abs().mean() + (to_a(a) - a).abs().mean()
    assert terms["loss"].item() == pytest.approx((adversarial + 3 * cycle + 0.75 * identity).item(), rel=1e-4)
    found = cyclegan(pool=0).discriminator_loss(batch)["loss"]
    parts = [judge_a(a) - 1, judge_a(to_a(b)), judge_b(b) - 1, judge_b(to_b(a))]
    assert found.item() == pytest.approx(0.5 * sum(part.square().mean().item() for part in parts), rel=1e-4)


def test_neither_side_learns_from_the_others_move() -> None:
    network, batch = cyclegan(), batch_of(SPEC)
    network.discriminator_loss(batch)["loss"].backward()
    assert all(parameter.grad is None for parameter in network.generators.parameters())
    assert all(parameter.grad is not None for parameter in network.discriminators.parameters())
    network.zero_grad()
    terms = network.generator_loss(batch)
    assert network._made is not None
    assert not any(fake.requires_grad for fake in network._made[1])
    terms["loss"].backward(inputs=list(network.generators.parameters()))
    assert all(parameter.grad is None for parameter in network.discriminators.parameters())


def test_the_generators_make_each_fake_once_in_a_step() -> None:
    network = cyclegan()
    session, made = session_of(network, dataset_of(SPEC), batch=8, steps=3), []
    for generator in network.generators:
        generator.register_forward_hook(lambda _, args, __: made.append(len(args[0])))
    train(session)
    # Each of the two reads 8 pictures to change and 8 to leave alone, then 8 to bring back; validation apart.
    assert made[: 3 * 4] == 3 * [16, 16, 8, 8]


def test_fakes_of_another_batch_are_not_taken_for_this_ones() -> None:
    network, one, other = cyclegan(pool=0), batch_of(SPEC), batch_of(SPEC, seed=5)
    network.generator_loss(one)
    alone = cyclegan(pool=0).discriminator_loss(other)
    assert network.discriminator_loss(other)["loss"].item() == alone["loss"].item()


def test_discriminators_see_fakes_of_earlier_steps_unless_there_is_no_pool() -> None:
    for pool in (0, 16):
        network, seen = cyclegan(pool=pool), []
        network.discriminators[0].register_forward_hook(lambda _, args, __, seen=seen: seen.append(args[0].clone()))
        with torch.no_grad():
            for seed in range(6):
                network.discriminator_loss(batch_of(SPEC, 8, seed))
        fakes = seen[1::2]
        repeated = sum(
            torch.equal(x, y) for first, later in ((1, 4), (0, 5)) for x in fakes[first] for y in fakes[later]
        )
        assert bool(repeated) == bool(pool)
        assert set(network.carried()) == ({"pool_0", "pool_1"} if pool else set())


def test_the_pools_are_part_of_a_checkpoint_and_validation_leaves_them_alone() -> None:
    straight = cyclegan()
    train(session_of(straight, steps=6, batch=4, ema=0.9))
    first = session_of(cyclegan(), steps=6, batch=4, ema=0.9, validate_every=1)
    train(first, stop=lambda: first.progress.step >= 4)
    state = first.state_dict()
    assert state["carried"]["pool_1"].shape == (10, 1, 8, 8)
    later = cyclegan()
    second = session_of(later, steps=6, batch=4, ema=0.9)
    second.load_state_dict(state)
    train(second)
    assert all(torch.equal(a, b) for a, b in zip(straight.parameters(), later.parameters(), strict=True))
    forgetful = session_of(cyclegan(), steps=6, batch=4, ema=0.9)
    forgetful.load_state_dict({**state, "carried": {}})
    train(forgetful)
    assert any(
        not torch.equal(a, b) for a, b in zip(straight.parameters(), forgetful.network.parameters(), strict=True)
    )


def test_a_patch_is_judged_by_what_is_near_it() -> None:
    network = models.build("cyclegan", SMALL, DomainsSpec(1, 64, 64, ("a", "b")))
    judge = network.discriminators[0]
    # Instance norm looks at the whole picture; without it the logit of a corner cannot see the far one.
    plain = nn.Sequential(*(layer for layer in judge if not isinstance(layer, nn.InstanceNorm2d)))
    x = torch.randn(1, 1, 64, 64, requires_grad=True)
    plain(x)[0, 0, 0, 0].backward()
    assert x.grad is not None
    reached = x.grad[0, 0].nonzero().amax(0)
    assert reached.tolist() == [7, 7], "patches of 15x15"


def test_what_is_of_a_domain_lies_where_it_should_and_is_placed_by_nobody() -> None:
    network, plain, batch = cyclegan(placing=True), cyclegan(), batch_of(SPEC)
    plain.load_state_dict(network.state_dict(), strict=False)
    terms, before = network.generator_loss(batch), plain.generator_loss(batch)
    assert all(terms[name].item() == pytest.approx(before[name].item(), rel=1e-3) for name in terms), "so it begins"
    with torch.no_grad():
        for placing in network.placings:
            placing.change.copy_(torch.tensor([[0.1, 0, 0], [0, 0.1, 0]]))
    terms = network.generator_loss(batch)
    assert terms["identity"].item() == before["identity"].item()
    assert abs(terms["cycle"].item() - before["cycle"].item()) > 0.01
    a = batch.x[:, 0]
    placed = (network.placings[1](2 * a - 1) + 1) / 2
    assert torch.equal(network.transfer(a, SPEC.names[1]), plain.transfer(placed, SPEC.names[1]))


def test_generators_learn_their_placing_and_discriminators_leave_it() -> None:
    network = cyclegan(placing=True)
    train(session_of(network, dataset_of(SPEC), batch=8, steps=3))
    assert all(placing.change.abs().max() > 1e-4 for placing in network.placings)
    network.zero_grad()
    network.discriminator_loss(batch_of(SPEC))["loss"].backward()
    assert all(placing.change.grad is None for placing in network.placings)


def test_what_cannot_be_is_refused_and_said() -> None:
    with pytest.raises(DataError, match=r"cyclegan with halvings=2 needs pictures of at least 16x16, .* use larger"):
        cyclegan(halvings=2)
    with pytest.raises(OptionError, match="discriminator_channels"):
        cyclegan(discriminator_channels=(4, 0))
    with pytest.raises(UnknownName, match=r"unknown domain 'write'\. Did you mean 'right'"):
        cyclegan().transfer(torch.zeros(1, 1, 8, 8), "write")
