"""When the doctor looks, and what is on its account: by a clock that only moves when it is told to."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
import torch
from made import Toy, session_of
from torch import nn

import understudy as us
from understudy.data.dataset import Batch
from understudy.doctor.live import Doctor
from understudy.doctor.pace import EVERY, GRACE, OF_SAMPLES, SHARE, Pace, interval
from understudy.models.network import Terms
from understudy.training.loop import train

STEP, WORK, LONGER = 0.010, 0.002, 0.004
"""Seconds of a plain step; and in a sampled one of the doctor's work, and of what takes longer beside it."""


class Run:
    """Steps of a run that a pace samples.

    Args:
        odd: seconds that a step of this number, or the doctor's work in it, takes in place of its own.
        after: seconds from the end of a step to the next one's beginning.
    """

    def __init__(
        self, steps: int, odd: Callable[[int, str], float | None] = lambda *_: None, after: Any = None
    ) -> None:
        self.now = 0.0
        self.pace = Pace(clock=lambda: self.now)
        self.pace.start()
        self.sampled: list[int] = []
        for number in range(1, steps + 1):
            due = self.pace.due(number)
            self.sampled += [number] * due
            self.pace.next_step("sample" if due else "")
            if due:
                with self.pace.working():
                    self._take(odd(number, "work"), WORK)
            self._take(odd(number, "step"), STEP + LONGER * due)
            self.pace.step_ends()
            self.now += after(number) if after else 0.0
        self.pace.next_step()

    def _take(self, odd: float | None, usual: float) -> None:
        self.now += usual if odd is None else odd


def grid(steps: int) -> list[int]:
    """What is sampled where nothing takes time."""
    pace = Pace(clock=lambda: 0.0)
    return [step for step in range(1, steps + 1) if pace.due(step)]


# When it looks


def test_early_steps_are_sampled_then_fewer_and_fewer() -> None:
    pace = Pace(clock=lambda: 0.0)
    assert [step for step in range(1, 200) if pace.due(step)] == [1, 2, 4, 8, 16, 32, 64, 128, 192]
    late = sum(pace.due(step) for step in range(1, 1_000_001))
    assert late < 800
    assert all(interval(step) % EVERY == 0 for step in range(1, 10_000, 37))
    assert [step for step in range(1, 1100) if pace.look_due(step)] == [64, 128, 256, 512, 768, 1024]


@pytest.mark.parametrize(("sample", "step"), [(0.001, 0.001), (0.02, 0.001), (1.0, 0.01), (0.0001, 0.01)])
def test_the_cost_stays_under_its_share(sample: float, step: float) -> None:
    """All that samples take is work here."""
    run = Run(20_000, lambda number, what: step if what == "step" else sample)
    sampled, trained = len(run.sampled), 20_000 * step
    assert run.pace.spent == pytest.approx(sampled * sample)
    assert run.pace.spent <= max(SHARE * trained, GRACE, 6 * sample) + sample
    assert sampled >= min(len(grid(20_000)), 0.5 * SHARE * trained / sample)


def test_a_smaller_share_is_kept_too() -> None:
    now = [0.0]
    pace = Pace(clock=lambda: now[0], share=0.001)
    with pace.working("validation"):
        now[0] += 1.0
    now[0] += 1999.0
    assert not pace.affordable("validation")
    now[0] += 2.0
    assert pace.affordable("validation") and not pace.affordable("validation", times=2)
    assert not pace.affordable("validation", OF_SAMPLES)


def test_the_first_look_at_held_out_items_is_made_whatever_it_costs() -> None:
    """And later ones as the time allows."""
    now = [0.0]
    pace, looks = Pace(clock=lambda: now[0]), []
    for step in range(1, 3_000):
        now[0] += STEP
        if pace.look_due(step):
            looks.append(step)
            with pace.working("validation"):
                now[0] += 20 * STEP
    assert looks == [64, 1536, 2304]


# What is on its account


def test_work_within_work_counts_once() -> None:
    now = itertools.count()
    pace = Pace(clock=lambda: float(next(now)))
    with pace.working(), pace.working("inner"):
        pass
    assert pace.spent == 3


def test_what_a_sampled_step_takes_beside_the_doctors_work_is_charged() -> None:
    """All but that of the first two samples, before which there is no plain step to compare with."""
    run = Run(5_000)
    assert run.pace.spent == pytest.approx(len(run.sampled) * (WORK + LONGER) - 2 * LONGER)
    assert run.sampled == grid(5_000)
    slower = Run(5_000, lambda number, what: 10 * STEP if what == "step" and number in grid(5_000) else None)
    assert len(slower.sampled) * (WORK + 9 * STEP) <= SHARE * 5_000 * STEP + 6 * 10 * STEP
    assert 6 < len(slower.sampled) < len(run.sampled)


def test_what_comes_between_steps_is_not() -> None:
    """A validation after each sampled step, of hundred steps' time."""
    seen = set(grid(2_000))
    quiet, busy = Run(2_000), Run(2_000, after=lambda number: 100 * STEP * (number in seen))
    assert busy.sampled == quiet.sampled and busy.pace.spent == pytest.approx(quiet.pace.spent)


@pytest.mark.parametrize("what", ["step", "work"])
@pytest.mark.parametrize("number", [1, 32, 640])
def test_one_slow_sample_does_not_end_sampling(what: str, number: int) -> None:
    """A laptop slept for a minute in it."""
    usual = Run(3_000)
    run = Run(3_000, lambda at, part: 60.0 if (at, part) == (number, what) else None)
    assert run.sampled == usual.sampled and run.pace.spent < usual.pace.spent + 5 * (WORK + LONGER)


def test_one_fast_sample_does_not_make_the_next_ones_free() -> None:
    run = Run(3_000, lambda number, part: 0.0 if number == 640 else None)
    assert run.pace.spent == pytest.approx(Run(3_000).pace.spent - WORK)


def test_slow_plain_steps_do_not_hide_what_samples_take() -> None:
    """Each third is ten times as slow."""
    run = Run(3_000, lambda number, part: 10 * STEP if part == "step" and number % 3 == 0 else None)
    assert run.pace.spent >= 0.9 * len(run.sampled) * (WORK + LONGER)


class Slow(nn.Linear):
    """Takes a second, and another one where something listens to it."""

    now = 0.0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """As ever."""
        Slow.now += 1 + (len(self._forward_hooks) > 0)
        return super().forward(x)


class SlowToy(Toy):
    """A network of the house's with such a part."""

    def __init__(self) -> None:
        super().__init__()
        self.part = Slow(4, 4)

    def loss(self, batch: Batch) -> Terms:
        """As ever, and the part is asked."""
        return super().loss(batch) | {"extra": self.part(torch.ones(1, 4)).sum().detach()}


def test_a_run_of_the_house_is_charged_so() -> None:
    """Samples 1, 2, 4 ... 32 each take the loss again; and after the first plain step, a second beside that."""
    session = session_of(SlowToy(), steps=40)
    doctor = Doctor(session, pace=Pace(clock=lambda: Slow.now))
    train(session, [doctor])
    assert doctor.pace.spent == 6 + 4


def watched(monkeypatch: pytest.MonkeyPatch, evaluated: bool) -> float:
    """What a watched loop of 40 rounds has on the account, after some of which the user evaluates."""
    torch.manual_seed(0)
    model = nn.Sequential(Slow(4, 4))
    optimizer = torch.optim.Adam(model.parameters())
    doctor = us.watch(model, optimizer, quiet=True)
    monkeypatch.setattr(doctor._loop.pace, "clock", lambda: Slow.now)
    with doctor:
        for number in range(1, 41):
            optimizer.zero_grad()
            model(torch.randn(2, 4)).square().mean().backward()
            optimizer.step()
            if evaluated and number in (7, 8, 15, 16, 31, 32):
                with torch.no_grad():
                    model.eval()(torch.ones(1, 4))
                    Slow.now += 50
                    model.train()
    return doctor._loop.pace.spent


def test_a_watched_loop_is_charged_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds 8, 9, 16, 17, 32 and 33 are looked at, and take a second longer; what comes between rounds does not
    count."""
    assert watched(monkeypatch, evaluated=False) == watched(monkeypatch, evaluated=True) >= 6
