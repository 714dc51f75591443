"""A session that was stopped, saved and loaded ends as one that was not: same events, same weights, to the bit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from made import PICTURES, POINTS, Duel, Heard, session_of

from understudy import models
from understudy.models.network import Network
from understudy.training.checkpoint import load_tree, save_tree
from understudy.training.loop import train
from understudy.training.optimizers import OPTIMIZERS
from understudy.training.session import Session

STEPS = 14  # of 4 to the epoch, in windows of 3


def vae(seed: int) -> Network:
    torch.manual_seed(seed)
    return models.build("vae", {"hidden": 8, "latent_dim": 2}, POINTS)


def session(network: Network, **settings: Any) -> Session:
    return session_of(network, steps=STEPS, **{"log_every": 3, "learning_rate": 1e-2, **settings})


def same_weights(left: Session, right: Session) -> bool:
    pairs = zip(left.weights().items(), right.weights().items(), strict=True)
    return all(a == b and torch.equal(x, y) for (a, x), (b, y) in pairs)


def test_what_a_gpu_left_goes_on_on_a_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[Any] = []
    monkeypatch.setattr(torch.cuda, "set_rng_state", lambda *given: moved.append(given))
    first, second = session(vae(0)), session(vae(1))
    state = first.state_dict()
    state["random"]["cuda"] = torch.get_rng_state()
    second.load_state_dict(state)
    assert same_weights(first, second)
    assert not moved, "the processor has no such randomness"


def dcgan(seed: int) -> Network:
    torch.manual_seed(seed)
    return models.build("dcgan", {"channels": (4, 6), "noise_dim": 3, "noise_kinds": 2}, PICTURES)


def check_it_goes_on(path: Path, at: int, made: Callable[[int], Network] = vae, **settings: Any) -> None:
    whole, straight = session(made(0), **settings), Heard()
    train(whole, [straight])
    first, heard = session(made(0), **settings), Heard()
    train(first, [heard], stop=lambda: first.progress.step >= at)
    save_tree(path, first.state_dict())
    second = session(made(1), **settings)  # other weights and another place in the randomness, to be overwritten
    second.load_state_dict(load_tree(path))
    train(second, [heard])
    assert heard.events == straight.events
    assert same_weights(whole, second)
    assert torch.equal(whole.state_dict()["random"]["cpu"], second.state_dict()["random"]["cpu"])


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("understudy.training.session.LEAST_BETWEEN", 1)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_goes_on_in_the_middle_of_an_epoch_and_a_window(name: str, tmp_path: Path) -> None:
    check_it_goes_on(tmp_path / "tree", 7, optimizer=name)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_weights_that_lie_otherwise_in_memory_than_in_a_file_go_on(name: str, tmp_path: Path) -> None:
    assert any(not weight.is_contiguous() for weight in dcgan(0).parameters())
    check_it_goes_on(tmp_path / "tree", 7, dcgan, optimizer=name, ema=0.9)


@pytest.mark.parametrize(
    "settings",
    [
        {"schedule": "plateau", "patience": 1, "learning_rate": 0.3},
        {"schedule": "one-cycle", "clip_norm": 1.0},
        {"ema": 0.9},
        {"early_stopping": 1, "learning_rate": 0.3},
        {"schedule": "plateau", "patience": 1, "ema": 0.5, "early_stopping": 3, "learning_rate": 0.3},
    ],
)
@pytest.mark.parametrize("at", range(1, STEPS))
def test_every_setting_goes_on_from_every_step(settings: dict[str, Any], at: int, tmp_path: Path) -> None:
    check_it_goes_on(tmp_path / "tree", at, **settings)


def test_the_settings_above_do_come_to_bear() -> None:
    slow = session(vae(0), schedule="plateau", patience=1, learning_rate=0.3)
    train(slow)
    assert slow.rate_factor < 1
    short = session(vae(0), early_stopping=1, learning_rate=0.3)
    train(short)
    assert short.progress.stopped


def test_both_players_optimizers_are_kept(tmp_path: Path) -> None:
    whole, first, second = (session(Duel(), optimizer="momentum") for _ in range(3))
    train(whole)
    train(first, stop=lambda: first.progress.step >= 5)
    save_tree(tmp_path / "tree", first.state_dict())
    second.load_state_dict(load_tree(tmp_path / "tree"))
    train(second)
    assert same_weights(whole, second)
