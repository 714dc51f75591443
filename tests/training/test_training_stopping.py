import os
import signal
import threading

import pytest
from made import Toy, session_of

from understudy.training.loop import train
from understudy.training.stopping import stop_on_signals


def test_early_stopping_keeps_the_best_weights_not_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("understudy.training.session.LEAST_BETWEEN", 1)
    monkeypatch.setattr(Toy, "script", (5, 4, 2, 3, 2, 9, 0))
    toy = Toy()
    session = session_of(toy, steps=50, batch=64, early_stopping=3, optimizer="sgd", learning_rate=1.0)
    train(session)
    assert session.progress.step == toy.weight.item() == 6
    assert session.weights()["weight"].item() == 3
    assert session.progress.stopped == "no better validation loss than 2 in 3 validations"


def test_without_it_the_last_weights_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Toy, "script", (1, 2, 3))
    session = session_of(Toy(), steps=5, optimizer="sgd", learning_rate=1.0)
    train(session)
    assert session.weights()["weight"].item() == 5


def test_early_stopping_keeps_the_best_average(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("understudy.training.session.LEAST_BETWEEN", 1)
    monkeypatch.setattr(Toy, "script", (2, 1, 3, 3))
    session = session_of(Toy(), steps=50, batch=64, early_stopping=2, ema=0.5, optimizer="sgd", learning_rate=1.0)
    train(session)
    assert session.progress.step == 4
    assert session.weights()["weight"].item() == pytest.approx((2 + 2 * 9) / 11)  # the average is still warming up


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_a_wish_and_a_second_one_an_order(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stop_on_signals() as wish:
        assert not wish()
        os.kill(os.getpid(), number)
        assert wish()
        assert wish.signal is number
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


def test_another_thread_trains_without_touching_signals() -> None:
    seen = []

    def work() -> None:
        with stop_on_signals() as wish:
            seen.append((wish(), signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [(False, signal.getsignal(signal.SIGINT))]
