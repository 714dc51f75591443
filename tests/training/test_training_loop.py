import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
import torch
from made import PICTURES, POINTS, Duel, Heard, Toy, ToyConfig, dataset_of, session_of

from understudy import models
from understudy.data.dataset import Batch, Dataset
from understudy.errors import Diverged
from understudy.models.network import Network, Terms, Turn
from understudy.training.display import Display
from understudy.training.loop import Observer, move, step, train
from understudy.training.session import Session
from understudy.training.validation import validate

SGD: dict[str, Any] = {"optimizer": "sgd", "learning_rate": 1.0}


def vae(seed: int = 0) -> Network:
    torch.manual_seed(seed)
    return models.build("vae", {"hidden": 8, "latent_dim": 2}, POINTS)


def weights(network: Network) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])


class Slope(Toy):
    """A gradient of (3, 4) everywhere: its length is 5."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(2))

    def loss(self, batch: Batch) -> Terms:
        return {"loss": self.weight @ torch.tensor([3.0, 4.0])}


# Turns


@pytest.mark.parametrize("times", [(5, 1), (1, 3), (2, 2)])
def test_each_player_moves_as_often_as_its_turn_says_and_moves_nothing_else(times: tuple[int, int]) -> None:
    duel = Duel(times)
    train(session_of(duel, steps=4, **SGD))
    assert duel.critic[0].tolist() == [4.0 * times[0]] * 2
    assert duel.generator[0].tolist() == [4.0 * times[1]] * 2


def test_a_move_leaves_the_other_players_weights_and_gradients_alone() -> None:
    duel = Duel()
    session = session_of(duel, **SGD)
    duel.generator[0].grad = torch.tensor([7.0, 8.0])
    move(session, duel.turns()[0], session.movers["critic"], Batch(torch.zeros(1, 2)))
    assert duel.critic[0].tolist() == [1, 1]
    assert duel.generator[0].tolist() == [0, 0]
    assert duel.generator[0].grad.tolist() == [7, 8]


def test_gradients_do_not_pile_up_from_step_to_step() -> None:
    toy = Toy()
    train(session_of(toy, steps=9, **SGD))
    assert toy.weight.item() == 9


def test_terms_of_several_players_carry_their_names() -> None:
    heard = Heard()
    train(session_of(Duel(), steps=2, clip_norm=9.0, **SGD), [heard])
    for event in heard.of("steps"):
        assert set(event["loss"]) == {"critic/loss", "generator/loss"}
        assert set(event["gradient_norm"]) == {"critic/gradient_norm", "generator/gradient_norm"}


def test_each_move_of_a_turn_has_a_batch_of_its_own_and_is_followed_by_what_follows() -> None:
    toy, seen, followed = Toy(), [], []

    def loss(batch: Batch) -> Terms:
        seen.append(batch)
        return toy.turns()[0].loss(batch)

    session = session_of(toy, steps=2, **SGD)
    session.turns = [Turn("network", loss, times=3, after=lambda: followed.append(len(seen)))]
    session.batches_per_step = 3
    stream = session.stream()
    step(session, stream)
    assert len({id(batch) for batch in seen}) == 3
    assert followed == [1, 2, 3]
    assert session.progress.batch == 3


def test_turns_move_in_order_within_a_step() -> None:
    duel = Duel((2, 1))
    moved: list[str] = []

    def told(name: str) -> Turn:
        def loss(batch: Batch) -> Terms:
            moved.append(name)
            return duel.loss(batch)

        return Turn(name, loss, 2 if name == "critic" else 1)

    session = session_of(duel)
    session.turns = [told("critic"), told("generator")]
    stream = session.stream()
    step(session, stream)
    step(session, stream)
    assert moved == ["critic", "critic", "generator"] * 2


# Clipping


@pytest.mark.parametrize(("longest", "moved"), [(1.0, [-0.6, -0.8]), (10.0, [-3.0, -4.0])])
def test_clip_norm_shortens_what_is_too_long_and_logs_the_length_before(longest: float, moved: list[float]) -> None:
    slope, heard = Slope(), Heard()
    train(session_of(slope, steps=1, clip_norm=longest, **SGD), [heard])
    assert slope.weight.tolist() == pytest.approx(moved, rel=1e-4)
    assert heard.of("steps")[0]["gradient_norm"] == pytest.approx(5)


def test_clip_value_cuts_each_entry() -> None:
    slope = Slope()
    train(session_of(slope, steps=1, clip_value=3.5, **SGD))
    assert slope.weight.tolist() == [-3.0, -3.5]


# The moving average


def test_the_average_is_the_hand_computed_one_and_is_what_counts() -> None:
    toy = Toy()
    session = session_of(toy, steps=6, ema=0.3, **SGD)
    train(session)
    average = 1.0
    for weight, decay in ((2, 2 / 11), (3, 3 / 12), (4, 0.3), (5, 0.3), (6, 0.3)):  # at first it follows more closely
        average = decay * average + (1 - decay) * weight
    assert toy.weight.item() == 6
    assert session.weights()["weight"].item() == pytest.approx(average)


def test_validation_judges_the_average(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Toy, "validate", lambda self, batch: {"loss": self.weight.detach()})
    session = session_of(Toy(), steps=4, ema=0.5, **SGD)
    heard = Heard()
    train(session, [heard])
    assert heard.of("validation")[-1]["loss"]["loss"] == session.weights()["weight"].item() < 4


# Events


def test_a_windows_values_are_the_means_of_its_steps_and_the_tail_has_its_own() -> None:
    every, windows = Heard(), Heard()
    train(session_of(vae(), steps=11, log_every=1), [every])
    train(session_of(vae(), steps=11, log_every=4), [windows])
    assert [event["step"] for event in every.of("steps")] == list(range(1, 12))
    assert [event["step"] for event in windows.of("steps")] == [4, 8, 11]
    for (first, last), event in zip(pairwise((0, 4, 8, 11)), windows.of("steps"), strict=True):
        rows = [one["loss"] for one in every.of("steps")[first:last]]
        assert event["loss"] == {name: math.fsum(row[name] for row in rows) / len(rows) for name in rows[0]}
        assert event["loss"].keys() == {"loss", "reconstruction", "kl"}


def test_a_budget_that_ends_on_a_window_has_no_tail() -> None:
    heard = Heard()
    train(session_of(Toy(), steps=8, log_every=4), [heard])
    assert [event["step"] for event in heard.of("steps")] == [4, 8]


@pytest.mark.parametrize(("batch", "expected"), [(16, [100, 200, 230]), (24, [100, 200, 230]), (64, [100, 200, 230])])
def test_validation_comes_a_hundred_steps_apart_and_at_the_end(batch: int, expected: list[int]) -> None:
    heard = Heard()
    train(session_of(Toy(), steps=230, batch=batch, log_every=1000), [heard])
    assert [event["step"] for event in heard.of("validation")] == expected


def test_validation_comes_as_often_as_asked_and_within_a_long_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    train(session_of(Toy(), steps=10, validate_every=4, log_every=1000), [heard])
    assert [event["step"] for event in heard.of("validation")] == [4, 8, 10]
    monkeypatch.setattr("understudy.training.session.LEAST_BETWEEN", 1)
    monkeypatch.setattr("understudy.training.session.MOST_BETWEEN", 2)
    heard = Heard()
    train(session_of(Toy(), steps=5, batch=1, log_every=1000), [heard])
    assert [event["step"] for event in heard.of("validation")] == [2, 4, 5]


def test_validation_is_a_mean_over_items_whatever_the_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    network = models.build("autoencoder", {"hidden": 8}, PICTURES)
    session = session_of(network)
    whole = validate(session)
    monkeypatch.setattr("understudy.training.validation.at_once", lambda spec: 5)  # 16 items: 5, 5, 5 and 1
    assert validate(session)["loss"] == pytest.approx(whole["loss"], rel=1e-5)
    assert network.training


class Restless(Observer):
    """Looks at everything that an observer may look at."""

    def on_step(self, session: Session) -> None:
        session.state_dict()
        validate(session)


@pytest.mark.parametrize("validation", [1, 40])
@pytest.mark.parametrize("observers", [(), (Display(), Restless(), Heard())])
@pytest.mark.parametrize("apart", [1, 100])
def test_nobody_who_looks_on_changes_the_training(
    validation: int, observers: Sequence[Observer], apart: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = vae()
    train(session_of(plain, steps=10))
    monkeypatch.setattr("understudy.training.session.LEAST_BETWEEN", apart)
    watched = vae()
    train(session_of(watched, dataset_of(POINTS, validation=validation), steps=10), observers)
    assert torch.equal(weights(plain), weights(watched))


def test_every_item_is_seen_once_in_an_epoch() -> None:
    class Sees(Toy):
        def loss(self, batch: Batch) -> Terms:
            seen.extend(batch.x[:, 0].tolist())
            return super().loss(batch)

    seen: list[float] = []
    data: Dataset = dataset_of(POINTS, train=50)
    session = session_of(Sees(), data, epochs=2)
    train(session)
    once = sorted(data.train.take(torch.arange(50)).x[:, 0].tolist())
    assert sorted(seen[:50]) == sorted(seen[50:]) == once
    assert seen[:50] != seen[50:]
    assert session.progress.items == 100


# What is not finite


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("term", ["loss", "extra"])
@pytest.mark.parametrize("log_every", [1, 4, 50])
def test_the_first_broken_step_and_term_are_named(value: float, term: str, log_every: int) -> None:
    config = Toy.Config(breaks_at=3, term=term, value=value)
    with pytest.raises(Diverged) as caught:
        train(session_of(Toy(config), steps=6, log_every=log_every, **SGD))
    assert (caught.value.step, caught.value.term) == (3, term)
    assert repr(caught.value.value) == repr(value)
    assert f"{term} was {value} at step 3" in str(caught.value)


def test_a_weight_that_left_every_loss_finite_is_caught_at_the_end() -> None:
    with pytest.raises(Diverged) as caught:
        train(session_of(Toy(), steps=2, optimizer="sgd", learning_rate=3e38))
    assert (caught.value.step, caught.value.term, caught.value.value) == (2, "weight weight", math.inf)


def test_a_broken_validation_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Toy, "script", (math.nan,))
    with pytest.raises(Diverged, match="validation loss was nan at step 5"):
        train(session_of(Toy(), **SGD))


def test_a_broken_gradient_is_named_where_it_is_measured() -> None:
    class Cusp(Toy):
        def loss(self, batch: Batch) -> Terms:
            return {"loss": self.weight.abs().sqrt()}  # finite at 0, its slope is not

    with pytest.raises(Diverged, match="gradient_norm was nan at step 1"):
        train(session_of(Cusp(), clip_norm=1.0, **SGD))


def test_what_broke_shortly_before_a_stop_is_not_lost() -> None:
    session = session_of(Toy(Toy.Config(breaks_at=2)), steps=50, log_every=50, **SGD)
    with pytest.raises(Diverged, match="loss was inf at step 2"):
        train(session, stop=lambda: session.progress.step >= 3)


# Stopping


def test_a_wish_to_stop_is_granted_after_the_step_and_costs_no_validation() -> None:
    toy, heard = Toy(), Heard()
    session = session_of(toy, steps=50, log_every=2, **SGD)
    train(session, [heard], stop=lambda: session.progress.step >= 7)
    assert (session.progress.step, toy.weight.item()) == (7, 7)
    assert not session.over
    assert heard.of("validation") == []
    train(session, [heard])
    assert toy.weight.item() == 50


def test_what_came_before_the_break_is_on_record() -> None:
    heard = Heard()
    with pytest.raises(Diverged, match="extra was inf at step 5"):
        train(session_of(Toy(ToyConfig(breaks_at=5, term="extra")), steps=9, log_every=100, **SGD), [heard])
    [event] = heard.of("steps")
    assert event["step"] == 4
    assert event["loss"]["loss"] == pytest.approx(-(0 + 1 + 2 + 3) / 4)
