import math
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from made import Heard, Toy, session_of
from pydantic import ValidationError

from understudy.training.config import TrainingConfig
from understudy.training.loop import train
from understudy.training.schedules import Patience, schedule

SHARES = st.floats(0, 1)


def factor(done: float, **settings: Any) -> float:
    return schedule(TrainingConfig(steps=100, **settings))(done)


@pytest.mark.parametrize(
    ("settings", "points"),
    [
        ({}, {0: 1, 0.5: 1, 1: 1}),
        ({"schedule": "cosine"}, {0: 1, 1 / 3: 0.75, 0.5: 0.5, 1: 0}),
        ({"schedule": "one-cycle"}, {0: 1 / 25, 0.15: 0.52, 0.3: 1, 0.65: 0.50005, 1: 1e-4}),
        ({"schedule": "step"}, {0: 1, 0.33: 1, 1 / 3: 0.1, 0.6: 0.1, 2 / 3: 0.01, 0.99: 0.01}),
        (
            {"schedule": "piecewise", "milestones": (0.2, 0.7), "factors": (2.0, 0.3)},
            {0: 1, 0.19: 1, 0.2: 2, 0.69: 2, 0.7: 0.3, 1: 0.3},
        ),
        ({"warmup": 0.1}, {0: 0, 0.05: 0.5, 0.1: 1, 1: 1}),
        ({"warmup": 0.5, "schedule": "cosine"}, {0: 0, 0.25: 0.25 * (1 + math.sqrt(0.5)), 0.5: 0.5, 1: 0}),
        ({"schedule": "plateau"}, {0: 1, 1: 1}),
    ],
)
def test_the_rate_at_the_start_the_peak_and_the_end(settings: Mapping[str, Any], points: Mapping[float, float]) -> None:
    for done, expected in points.items():
        assert factor(done, **settings) == pytest.approx(expected, abs=1e-9)


@given(SHARES, SHARES)
def test_one_cycle_climbs_to_its_rise_and_falls_from_it(first: float, second: float) -> None:
    low, high = sorted((first, second))
    rates = [factor(done, schedule="one-cycle") for done in (low, high)]
    assert max(rates) <= factor(0.3, schedule="one-cycle") == 1
    if high <= 0.3:
        assert rates[0] <= rates[1]
    if low >= 0.3:
        assert rates[0] >= rates[1]


@given(SHARES, st.floats(0.01, 0.9))
def test_warm_up_never_exceeds_the_schedule_and_then_leaves_it_alone(done: float, warmup: float) -> None:
    warmed, plain = factor(done, schedule="cosine", warmup=warmup), factor(done, schedule="cosine")
    assert warmed <= plain
    assert warmed == plain or done < warmup


@given(st.integers(1, 60))
def test_a_step_decays_on_the_very_step_that_it_should(decays: int) -> None:
    total = 10 * decays
    for step in range(total):
        expected = 0.9 ** (step // 10)
        got = factor(step / total, schedule="step", decay_every=1 / decays, decay_factor=0.9)
        assert got == pytest.approx(expected)


def rates(heard: Heard) -> list[float]:
    return [event["learning_rate"] for event in heard.of("steps")]


def test_adagrad_at_a_half_to_seventy_percent_then_three_tenths() -> None:
    settings = {"schedule": "piecewise", "milestones": (0.7,), "factors": (0.6,), "learning_rate": 0.5}
    session = session_of(Toy(), steps=20, optimizer="adagrad", **settings)
    heard = Heard()
    train(session, [heard])
    assert isinstance(session.movers["network"].optimizer, torch.optim.Adagrad)
    assert rates(heard) == pytest.approx([0.5] * 14 + [0.3] * 6)
    assert session.network.weight.item() == pytest.approx(sum(r / math.sqrt(n + 1) for n, r in enumerate(rates(heard))))


def test_plateau_decays_after_patience_validations_without_a_better_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("understudy.training.session.LEAST_BETWEEN", 1)
    monkeypatch.setattr(Toy, "script", (5, 4, 4, 6, 4, 3, 3, 3.5, 3, 3, 3, 3))
    settings = {"schedule": "plateau", "patience": 3, "decay_factor": 0.5, "learning_rate": 1.0, "optimizer": "sgd"}
    heard = Heard()
    train(session_of(Toy(), steps=13, batch=64, **settings), [heard])
    assert [event["step"] for event in heard.of("validation")] == list(range(1, 14))
    # 5 4 | 4 6 4: three in vain, so the sixth step is slower; 3 | 3 3.5 3, the tenth; 3 3 3, the thirteenth
    assert rates(heard) == [1.0] * 5 + [0.5] * 4 + [0.25] * 3 + [0.125]


@given(st.lists(st.integers(0, 9), min_size=1))
def test_patience_counts_since_the_first_lowest(losses: list[int]) -> None:
    patience = Patience()
    better = [patience.better(loss) for loss in losses]
    assert patience.best == min(losses)
    assert patience.waited == len(losses) - 1 - losses.index(min(losses))
    assert better == [loss < min(losses[:n], default=10) for n, loss in enumerate(losses)]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"milestones": (0.5,), "factors": (0.1,)}, "go together"),
        ({"schedule": "piecewise"}, "go together"),
        ({"schedule": "piecewise", "milestones": (0.7, 0.5), "factors": (1, 2)}, "rising"),
        ({"schedule": "piecewise", "milestones": (1.5,), "factors": (1,)}, "between 0 and 1"),
        ({"schedule": "piecewise", "milestones": (0.5,), "factors": ()}, "1 milestones need as many factors"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused(wrong: Mapping[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        TrainingConfig(steps=10, **wrong)
