"""Signals by hand, from events, and cut short; facts and back."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.doctor.facts import Facts, Layer
from understudy.doctor.persistence import held, holding
from understudy.doctor.signals import Signal, Signals
from understudy.doctor.stored import event_rows


def test_made_by_hand() -> None:
    signals = Signals.of({"loss": [3, 2, 1], "norm @ encoder.0": [5, 5, 5]}, every=10)
    assert signals.one("loss") == Signal("loss", "", (10, 20, 30), (3.0, 2.0, 1.0))
    assert [signal.place for signal in signals.every("norm")] == ["encoder.0"]
    assert len(signals.one("other")) == 0 and math.isnan(signals.one("other").last)
    assert signals.up_to(20).one("loss").values == (3.0, 2.0)
    assert signals.one("loss").after(10).steps == (20, 30)


def test_a_signal_is_as_long_as_its_steps() -> None:
    with pytest.raises(ValueError, match="2 steps and 1 values"):
        Signal("x", "", (1, 2), (1.0,))


def test_the_later_reading_of_a_step_counts() -> None:
    signals = Signals.gather([(2, "x", "", 5.0), (1, "x", "", 4.0), (2, "x", "", 6.0)])
    assert signals.one("x") == Signal("x", "", (1, 2), (4.0, 6.0))


def test_signals_of_events() -> None:
    events: list[dict[str, Any]] = [
        {"event": "steps", "step": 50, "loss": {"critic/loss": 1.0, "generator/loss": 2.0}, "learning_rate": 0.1},
        {"event": "validation", "step": 50, "loss": {"loss": 3.0, "accuracy": 0.5}},
        {"event": "end", "step": 50},
        {"event": "steps", "step": 55, "loss": {}, "gradient_norm": {"critic/gradient_norm": 7.0}},
    ]
    signals = Signals.gather(row for event in events for row in event_rows(event))
    assert signals.one("training/loss", "generator").last == 2.0
    assert signals.one("validation/accuracy").last == 0.5
    assert signals.one("learning_rate").steps == (50,)
    assert signals.one("gradient_norm", "critic").last == 7.0


def test_facts_and_back() -> None:
    facts = Facts(
        families=frozenset({"vae", "autoencoder"}),
        players=("critic", "generator"),
        layers=(Layer("encoder.1", "ReLU", 64, "critic"),),
        config={"model": {"beta": 4.0}, "training": {"batch": 16}},
    )
    assert Facts.from_json(facts.to_json() | {"later": 1}) == facts
    assert (facts.option("beta"), facts.option("batch"), facts.option("none", 3)) == (4.0, 16, 3)


@given(st.lists(st.booleans(), max_size=12))
def test_persistence(tests: list[bool]) -> None:
    signal = Signals.of({"x": [float(test) for test in tests]}).one("x")
    text = "".join("1" if test else "0" for test in tests)
    assert held(signal, bool) == (text.index("111") + 1 if "111" in text else None)
    run = len(text) - len(text.rstrip("1"))
    assert holding(signal, bool) == (len(text) - run + 1 if run >= 3 else None)
