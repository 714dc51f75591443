"""What every network in the table must do, on every kind of data that it accepts."""

import copy
import itertools
import re

import pytest
import torch
from made import SPECS, batch_of, dataset_of, items_of

from understudy import models
from understudy.data.dataset import Dataset
from understudy.errors import DataError
from understudy.evaluation import evaluate, exhibit
from understudy.layers.summary import summarise
from understudy.models.capabilities import CAPABILITIES, Samples
from understudy.models.network import Network, Turn
from understudy.settings import options
from understudy.training.config import TrainingConfig
from understudy.training.engine import Engine
from understudy.training.loop import move, train
from understudy.training.session import Session

SMALL = {  # sizes that keep these tests quick
    "hidden": (32,),
    "channels": (4, 4),
    "hidden_dim": 16,
    "generator_channels": 4,
    "discriminator_channels": (4, 4),
    "pool": 20,
}

BASELINES = ("pca_", "independent_", "unigram_", "majority_", "naive_", "copy_", "real_", "identity_", "memoryless_")


def build(name: str, spec_name: str, seed: int = 0) -> Network:
    torch.manual_seed(seed)
    known = {option.name for option in options(models.entry(name).load().Config)}
    return models.build(name, {key: value for key, value in SMALL.items() if key in known}, SPECS[spec_name])


def refusal(name: str, spec_name: str) -> str:
    """Why a network does not take such data; empty where it does."""
    try:
        build(name, spec_name)
    except DataError as reason:
        return str(reason)
    return ""


EVERY = list(itertools.product(models.TABLE, SPECS))
CASES = [case for case in EVERY if not refusal(*case)]


@pytest.mark.parametrize("name", models.TABLE)
def test_some_data_fits_and_a_refusal_says_why_and_what_to_do(name: str) -> None:
    assert any(case[0] == name for case in CASES)
    for _, spec_name in (case for case in EVERY if case[0] == name and case not in CASES):
        assert re.search(r"needs|leaves|learns from", refusal(name, spec_name))
        assert "use " in refusal(name, spec_name) or "learns from" in refusal(name, spec_name)


def data_for(network: Network) -> Dataset:
    return dataset_of(network.spec, 96, 40, 40)


def session_for(network: Network, **settings: object) -> Session:
    config = TrainingConfig(**{"steps": 8, "batch": 16, "learning_rate": 1e-3, **settings})
    return Session(network, data_for(network), config, Engine(torch.device("cpu"), "fp32"), seed=0)


@pytest.mark.parametrize(("name", "spec_name"), CASES)
def test_a_few_steps_of_a_player_lower_its_loss_on_one_batch(name: str, spec_name: str) -> None:
    network = build(name, spec_name)
    session = session_for(network)
    batch = batch_of(network.spec)

    def loss(turn: Turn) -> float:
        torch.manual_seed(1)
        network.carry({})
        return turn.loss(batch)["loss"].item()

    for turn in network.turns():
        mover = session.movers[turn.player]
        if turn.after is not None:
            turn.after()
        before = loss(turn)
        for _ in range(30):
            move(session, turn, mover, batch)
        assert loss(turn) < before


@pytest.mark.parametrize(("name", "spec_name"), CASES)
def test_same_seed_same_numbers_other_seed_others(name: str, spec_name: str) -> None:
    finals = []
    for seed in (0, 0, 1):
        network = build(name, spec_name, seed)
        train(session_for(network))
        finals.append(torch.cat([parameter.flatten() for parameter in network.parameters()]))
    assert torch.equal(finals[0], finals[1])
    assert not torch.equal(finals[0], finals[2])


@pytest.mark.parametrize(("name", "spec_name"), CASES)
def test_capabilities_keep_shape_range_and_seed(name: str, spec_name: str) -> None:
    network = build(name, spec_name).eval()
    x = items_of(network.spec, 6)
    able = {key for key, protocol in CAPABILITIES.items() if isinstance(network, protocol)}
    assert able, "a network can do something"
    outputs = []
    with torch.no_grad():
        if "reconstruct" in able:
            outputs.append(network.reconstruct(x))
        if {"encode", "decode"} <= able:
            assert len(network.encode(x)) == 6
            outputs.append(network.decode(network.encode(x)))
        if "sample" in able:
            assert isinstance(network, Samples)
            drawn = [network.sample(6, torch.Generator().manual_seed(seed)) for seed in (3, 3, 4)]
            assert torch.equal(drawn[0], drawn[1])
            assert not torch.equal(drawn[0], drawn[2])
            outputs.append(drawn[0])
        if "transfer" in able:
            outputs.append(network(x))
            for side, name in enumerate(network.spec.names):
                assert torch.equal(network.transfer(x[:, 1 - side], name), outputs[-1][:, side])
        if "generate" in able and "sample by class" not in able:
            noise = network.draw_noise(6, torch.Generator().manual_seed(3))
            assert torch.equal(network.generate(noise), drawn[0])
        if "generate" in able and "sample by class" in able:
            classes = torch.arange(6) % len(network.spec.classes)
            noise = network.draw_noise(6, torch.Generator().manual_seed(3))
            asked = network.sample_of(classes, torch.Generator().manual_seed(3))
            assert torch.equal(network.generate(noise, classes), asked)
        if "denoise" in able:
            noisy = network.corrupt(x, torch.Generator().manual_seed(0))
            assert noisy.shape == x.shape
            assert not torch.equal(noisy, x)
    for output in outputs:
        assert output.shape == x.shape
        if network.spec.kind in ("image", "domains"):
            assert output.min() >= 0
            assert output.max() <= 1


@pytest.mark.parametrize(("name", "spec_name"), CASES)
def test_an_item_does_not_depend_on_its_batch(name: str, spec_name: str) -> None:
    network = build(name, spec_name).eval()
    x = items_of(network.spec, 5)
    with torch.no_grad():
        whole, alone = network(x)[:1], network(x[:1])
    assert torch.allclose(whole, alone, atol=1e-5)


@pytest.mark.parametrize(("name", "spec_name"), CASES)
def test_scores_have_baselines_and_figures_have_captions(name: str, spec_name: str) -> None:
    network = build(name, spec_name)
    data = data_for(network)
    scores = evaluate(network, data)
    assert scores
    assert all(isinstance(value, int | float) for value in scores.values())
    assert any(key.startswith(BASELINES) for key in scores), "each score stands beside a baseline"
    for figure in exhibit(network, data):
        assert figure.title
        assert figure.caption
        assert [figure.image is not None, bool(figure.plot), bool(figure.text)].count(True) == 1


@pytest.mark.parametrize(("name", "spec_name"), CASES)
def test_players_own_every_parameter_once_and_only_the_mover_moves(name: str, spec_name: str) -> None:
    network = build(name, spec_name)
    session = session_for(network)
    owned = [id(parameter) for mover in session.movers.values() for parameter in mover.parameters]
    assert sorted(owned) == sorted(id(parameter) for parameter in network.parameters() if parameter.requires_grad)
    assert {turn.player for turn in network.turns()} == set(session.movers)


@pytest.mark.parametrize(("name", "spec_name"), CASES)
def test_checkpoint_goes_on_to_the_bit(name: str, spec_name: str) -> None:
    straight = build(name, spec_name)
    train(session_for(straight, ema=0.9))
    first = session_for(build(name, spec_name), ema=0.9)
    train(first, stop=lambda: first.progress.step >= 3)
    state = copy.deepcopy(first.state_dict())
    second_network = build(name, spec_name, seed=5)  # other weights and randomness, to be overwritten
    second = session_for(second_network, ema=0.9)
    second.load_state_dict(state)
    train(second)
    for left, right in zip(straight.parameters(), second_network.parameters(), strict=True):
        assert torch.equal(left, right)


@pytest.mark.parametrize("name", models.TABLE)
def test_options_have_help_and_the_summary_counts_all_parameters(name: str) -> None:
    assert all(len(option.help) > 8 for option in options(models.entry(name).load().Config))
    network = models.build(
        name, {}, SPECS[next((spec_name for case, spec_name in CASES if case == name), "grey 1x8x8")]
    )
    listed = sum(layer.parameters for layer in summarise(network, network.spec.shape, network.spec.dtype))
    assert listed == sum(parameter.numel() for parameter in network.parameters())
