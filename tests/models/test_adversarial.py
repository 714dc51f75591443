"""What all generative adversarial networks share: whose gradients flow where, and what the discriminator sees."""

import dataclasses
from typing import Any

import pytest
import torch
from made import PICTURES, POINTS, batch_of, dataset_of
from torch import Tensor, nn

from understudy import models
from understudy.data.spec import ImageSpec
from understudy.errors import DataError, OptionError
from understudy.models.adversarial import Adversarial
from understudy.training.config import TrainingConfig
from understudy.training.engine import Engine
from understudy.training.loop import step, train
from understudy.training.session import Session


def adversarial(name: str = "gan", spec: Any = POINTS, **options: Any) -> Adversarial:
    torch.manual_seed(0)
    network = models.build(name, {"hidden": (16,), "channels": (4, 4), **options}, spec)
    assert isinstance(network, Adversarial)
    return network


def session_of(network: Adversarial, **settings: Any) -> Session:
    config = TrainingConfig(**{"steps": 4, "batch": 16, **settings})
    return Session(network, dataset_of(network.spec, 96, 16, 16), config, Engine(torch.device("cpu"), "fp32"), seed=0)


def take_one_step(network: Adversarial) -> Session:
    session = session_of(network)
    step(session, session.stream())
    return session


@pytest.mark.parametrize(("times", "made"), [((1, 1), 1), ((5, 1), 6), ((1, 3), 3), ((2, 2), 4)])
def test_fakes_are_made_once_where_the_generator_has_not_moved_since(times: tuple[int, int], made: int) -> None:
    network = adversarial(discriminator_times=times[0], generator_times=times[1])
    passes: list[int] = []
    network.generator.register_forward_hook(lambda *_: passes.append(1))
    take_one_step(network)
    assert len(passes) == made


def test_no_gradient_passes_through_the_generator_while_the_discriminator_learns() -> None:
    network = adversarial(r2=1.0)
    passes: list[str] = []
    network.generator[0].register_full_backward_hook(lambda *_: passes.append("generator"))
    network.turns()[0].loss(batch_of(POINTS))["loss"].backward()
    assert passes == []
    assert all(parameter.grad is None for parameter in network.generator.parameters())
    network.turns()[1].loss(batch_of(POINTS))["loss"].backward()
    assert passes == ["generator"]


def test_the_generator_leaves_no_gradient_in_the_discriminator() -> None:
    network = adversarial()
    session = session_of(network)
    batch = batch_of(POINTS)
    from understudy.training.loop import move

    move(session, network.turns()[1], session.movers["generator"], batch)
    assert all(parameter.grad is None for parameter in network.discriminator.parameters())


def test_each_player_has_its_rate() -> None:
    session = take_one_step(adversarial(discriminator_rate=4.0))
    rates = {name: mover.optimizer.param_groups[0]["lr"] for name, mover in session.movers.items()}
    assert rates["discriminator"] == pytest.approx(4 * rates["generator"])
    assert session.rate == rates["generator"]


def test_a_pack_is_judged_as_one_and_the_last_one_is_filled_up() -> None:
    network = adversarial(packing=3)
    x = torch.randn(7, 2)
    logits = network.eval().judge(x)
    assert logits.shape == (3,)
    filled = torch.cat([x, x[:2]])
    assert torch.equal(network.judge(filled), logits)
    changed = x.clone()
    changed[4] += 1
    assert (network.judge(changed) != logits).tolist() == [False, True, False]


def test_pictures_in_a_pack_are_further_channels() -> None:
    network = adversarial("dcgan", PICTURES, packing=2)
    x = torch.rand(4, *PICTURES.shape)
    assert network.packed(x)[1, 1].equal(x[3, 0])
    assert network.judge(x).shape == (2,)


def test_instance_noise_falls_to_nothing() -> None:
    network = adversarial(instance_noise=2.0, instance_noise_moves=10)
    x = torch.zeros(4000, 2)
    for moves, deviation in ((0, 2.0), (5, 1.0), (10, 0.0), (50, 0.0)):
        network.carry({"moves": torch.tensor(moves)})
        assert network.disturbed(x).std().item() == pytest.approx(deviation, rel=0.05)


def test_what_disturbs_the_discriminator_stops_with_training() -> None:
    network = adversarial("dcgan", PICTURES, augmentation=("translation", "cutout"), instance_noise=1.0)
    x = torch.rand(4, *PICTURES.shape)
    assert not torch.equal(network.judge(x), network.judge(x))
    network.eval()
    assert torch.equal(network.judge(x), network.judge(x))


@pytest.mark.parametrize(("options", "passes"), [({}, 1), ({"packing": 2}, 2), ({"batch_deviation": True}, 2)])
def test_real_items_and_fakes_are_judged_in_one_pass_where_they_do_not_mix(options: Any, passes: int) -> None:
    network = adversarial("wgan-gp", PICTURES, gradient_penalty=0.0, **options)
    real, fakes = torch.rand(2, 5, *PICTURES.shape)
    apart = network.logits(real, None), network.logits(fakes, None)
    seen: list[int] = []
    network.discriminator.register_forward_hook(lambda *_: seen.append(1))
    torch.testing.assert_close(network.both(real, fakes, None), apart)
    assert len(seen) == passes


def test_augmentation_is_for_pictures() -> None:
    with pytest.raises(DataError, match="needs pictures"):
        adversarial(augmentation=("flip",))


def test_spectral_norm_bounds_every_layer() -> None:
    network = adversarial("dcgan", PICTURES, spectral_norm=True, discriminator_norm="none")
    for _ in range(50):
        network.judge(torch.rand(2, *PICTURES.shape))
    for layer in network.discriminator:
        if isinstance(layer, nn.Linear | nn.Conv2d):
            weight: Tensor = layer.weight
            assert torch.linalg.matrix_norm(weight.flatten(1), 2).item() == pytest.approx(1, rel=0.02)


@pytest.mark.parametrize("spec", [PICTURES, POINTS])
def test_spectral_norm_of_a_branch_that_would_begin_as_nothing_is_finite(spec: Any) -> None:
    network = adversarial("r3gan", spec, spectral_norm=True)
    terms = network.discriminator_loss(batch_of(spec))
    assert all(term.isfinite() for term in terms.values())


def test_the_penalty_is_on_the_slope_of_a_pack() -> None:
    network = adversarial("wgan-gp", packing=2)
    network.discriminator = nn.Linear(2 * POINTS.features, 1)
    terms = network.discriminator_loss(batch_of(POINTS))
    assert terms["penalty_norm"].item() == pytest.approx(network.discriminator.weight.norm().item(), rel=1e-5)


def test_uniform_noise_keeps_its_bounds_and_normal_noise_does_not() -> None:
    uniform, normal = (adversarial(noise=kind).draw_noise(1000) for kind in ("uniform", "normal"))
    assert uniform.abs().max() <= 1 < normal.abs().max()
    assert uniform.std().item() == pytest.approx(3**-0.5, rel=0.02)


@pytest.mark.parametrize(("side", "count"), [(2, 1), (3, 1), (4, 1), (8, 2), (9, 3), (28, 3), (64, 3)])
def test_tiny_pictures_are_halved_less_often(side: int, count: int) -> None:
    network = adversarial("dcgan", ImageSpec(1, side, side), channels=None)
    assert network.channels() == (32, 64, 128)[:count]
    network(torch.rand(2, 1, side, side))


def test_kinds_are_drawn_evenly_and_are_all_that_their_numbers_say() -> None:
    network = adversarial(noise_dim=6, noise_kinds=4)
    noise = network.draw_noise(4000)
    kinds = network.with_kinds(noise)[:, 2:]
    assert (kinds > 0).sum(1).eq(1).all()
    assert (kinds > 0).float().mean(0).tolist() == pytest.approx([0.25] * 4, abs=0.03)
    nudged = noise.clone()
    nudged[:, :4] *= 1.5
    assert torch.equal(network.generate(noise[:8]), network.generate(nudged[:8]))
    nudged[:, 4:] *= 1.5
    assert not torch.allclose(network.generate(noise[:8]), network.generate(nudged[:8]))


def test_kinds_are_of_the_noises_numbers() -> None:
    with pytest.raises(OptionError, match="noise_kinds=7 are of noise_dim=6 numbers"):
        adversarial(noise_dim=6, noise_kinds=7)


def test_labels_are_smoothed_only_where_there_are_some() -> None:
    with pytest.raises(OptionError, match="label_smoothing needs a loss with labels"):
        adversarial(loss="hinge", label_smoothing=0.1)


def test_a_penalty_and_batch_normalisation_do_not_go_together() -> None:
    with pytest.raises(OptionError, match="discriminator_norm"):
        adversarial("dcgan", PICTURES, r1=1.0)


def test_told_apart_is_a_half_for_a_blind_discriminator() -> None:
    network = adversarial().eval()
    for parameter in network.discriminator.parameters():
        nn.init.zeros_(parameter)
    assert network.validate(batch_of(POINTS))["discriminator/told_apart"].item() == 0.5


def test_told_apart_is_one_where_real_items_look_real() -> None:
    network = adversarial().eval()
    batch = batch_of(POINTS)
    far = dataclasses.replace(batch, x=batch.x + 1000)
    network.discriminator = nn.Linear(2, 1)
    nn.init.ones_(network.discriminator.weight)
    assert network.validate(far)["discriminator/told_apart"].item() == 1


def test_generated_pictures_and_the_discriminators_view_have_their_ranges() -> None:
    network = adversarial("dcgan", PICTURES)
    noise = 100 * network.draw_noise(8)
    assert network.generate(noise).min() >= 0
    assert network.make(noise, None).min() < 0
    x = torch.rand(3, *PICTURES.shape)
    assert torch.allclose(network.inwards(x), 2 * x - 1)


def test_losses_and_outputs_are_in_the_record() -> None:
    from understudy.training.loop import Observer

    class Hears(Observer):
        def __init__(self) -> None:
            self.events: list[Any] = []

        def on_event(self, event: Any) -> None:
            self.events.append(event)

    ear = Hears()
    train(session_of(adversarial("wgan-gp"), log_every=2), [ear])
    steps = [event for event in ear.events if event["event"] == "steps"]
    names = {"loss", "real", "fake", "penalty", "penalty_norm"}
    assert set(steps[0]["loss"]) == {f"discriminator/{name}" for name in names} | {"generator/loss"}
