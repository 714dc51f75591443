import math
from types import SimpleNamespace
from typing import Any

import pytest
from made import Heard, Toy, dataset_of, session_of
from pydantic import ValidationError

from understudy.training import loop
from understudy.training.config import BUDGETS, TrainingConfig
from understudy.training.loop import train


@pytest.fixture
def six_seconds_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that moves six seconds whenever the loop looks at it."""
    looks = iter(range(1, 10_000))
    monkeypatch.setattr(loop, "time", SimpleNamespace(perf_counter=lambda: 6.0 * next(looks)))


def test_epochs_are_passes_the_last_batch_may_be_small() -> None:
    toy = Toy()
    session = session_of(toy, dataset_of(toy.spec, train=50), epochs=3)  # 50 = 16 + 16 + 16 + 2
    train(session)
    assert session.progress.step == toy.trained == session.total_steps == 12
    assert (session.progress.epoch, session.progress.items) == (3, 150)


def test_steps_are_steps_wherever_the_epoch_is() -> None:
    session = session_of(Toy(), steps=7)
    train(session)
    assert (session.progress.step, session.progress.epoch, session.progress.batch) == (7, 2, 3)


@pytest.mark.usefixtures("six_seconds_a_look")
def test_minutes_end_after_the_first_step_past_them_and_schedules_follow() -> None:
    session = session_of(Toy(), minutes=1, schedule="cosine", learning_rate=1.0)
    heard = Heard()
    train(session, [heard])
    assert session.total_steps is None
    assert session.progress.step == 10
    rates = [event["learning_rate"] for event in heard.of("steps")]
    assert rates == pytest.approx([0.5 * (1 + math.cos(math.pi * done / 10)) for done in range(10)])


@pytest.mark.usefixtures("six_seconds_a_look")
def test_minutes_go_on_where_a_stop_left_them() -> None:
    session = session_of(Toy(), minutes=1)
    train(session, stop=lambda: session.progress.step >= 4)
    assert session.progress.seconds == 24
    train(session)
    assert session.progress.step == 10


@pytest.mark.parametrize("given", [{}, {"epochs": 1, "steps": 2}, {"steps": 1, "minutes": 1.0}])
def test_a_budget_is_one_of_three(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="give one of epochs, steps and minutes"):
        TrainingConfig(**given)


@pytest.mark.parametrize("name", BUDGETS)
def test_each_alone_will_do_but_not_zero(name: Any) -> None:
    assert getattr(TrainingConfig(**{name: 2}), name) == 2
    with pytest.raises(ValidationError):
        TrainingConfig(**{name: 0})
