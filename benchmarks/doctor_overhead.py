"""What the doctor costs: the time of training steps with it over that without it.

Four networks of the house (MLP, convolutional, LSTM, GAN) at customary sizes, each trained with its run's record and
checkpoints, with the doctor and without it; and four plain PyTorch loops of those kinds, with `us.watch` and without
it. The two of a pair are processes that run in turn, a quarter of a second each, so that whatever slows the machine
hits both: beside other jobs, runs of ten seconds one after the other differed by 20%. Time is counted from the first
step to the last, validations and events among them; what the doctor looks at before the first step and after the last
is said apart, in seconds of the processor. MNIST where it is found ($UNDERSTUDY_DATA), else noise of its size.

Expected: a median over the four of at most 1.03, of the house's and of the plain ones.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from machine import describe
from plain_loops import LOOPS
from turns import Turns, in_turn

import understudy as us
from understudy import models
from understudy.data.dataset import Dataset
from understudy.data.heap import keep_memory
from understudy.data.sources import load
from understudy.doctor.live import Doctor
from understudy.doctor.pace import Pace
from understudy.doctor.watch.watching import Watch
from understudy.errors import DataError
from understudy.runs.directory import create
from understudy.runs.recorder import Checkpointer, Recorder
from understudy.runs.runfile import resolve
from understudy.training.engine import Engine
from understudy.training.loop import Observer, train
from understudy.training.session import Session

RESULT = Path(__file__).parent / "results" / "peers" / "doctor_overhead.json"
WANTED = 1.03
WARM = 50
"""Steps by which the time of one is guessed."""
TURN = 0.25
"""Seconds, about."""
HOUSE: dict[str, tuple[str, dict[str, Any]]] = {
    "MLP": ("vae", {"hidden": [400]}),
    "convolutional": ("conv-autoencoder", {"batch": 64}),
    "LSTM": ("language-model", {}),
    "GAN": ("gan", {}),
}


class Taken(NamedTuple):
    """Seconds of the steps, by the clock and of the processor; and of the processor around the steps: before the first
    and after the last."""

    steps: float
    processor: float
    around: float


def clock_of(turns: Turns | None) -> Callable[[], float]:
    """One that stands still while others have their turn."""
    return turns.clock if turns else time.perf_counter


def taken(begin: float, first: tuple[float, float], last: tuple[float, float]) -> Taken:
    """From the times of the call, of the first step and of the last one's end."""
    steps, processor = (end - start for start, end in zip(first, last, strict=True))
    return Taken(steps, processor, time.process_time() - begin - processor)


class Clock(Observer):
    """Reads the time when the first step begins and when the last has ended, and lets the other run have its turn; it
    is the last observer."""

    def __init__(self, turns: Turns | None) -> None:
        self.turns, self.clock = turns, clock_of(turns)

    def on_start(self, session: Session) -> None:
        """Both begin here: there may be no step."""
        if self.turns:
            self.turns.wait()
        self.began = self.ended = self.clock(), time.process_time()

    def on_step(self, session: Session) -> None:
        """Perhaps the last one."""
        self.ended = self.clock(), time.process_time()
        if self.turns:
            self.turns.step()


def data_for(name: str) -> Dataset:
    """MNIST, or noise of its size; for a reader a text."""
    wanted = "tinyshakespeare" if name == "LSTM" else "mnist"
    try:
        return load(wanted)
    except DataError:
        return load("pydoc" if name == "LSTM" else torch.randint(0, 256, (60_000, 28, 28), dtype=torch.uint8))


def house(name: str, data: Dataset, steps: int, doctored: bool, turns: Turns | None) -> Taken:
    """A run of the house's."""
    network, settings = HOUSE[name]
    file = resolve({"network": network}, {**settings, "steps": steps, "precision": "fp32"})
    torch.manual_seed(0)
    session = Session(
        models.build(network, file.model, data.spec), data, file.training, Engine(torch.device("cpu"), "fp32"), seed=0
    )
    with tempfile.TemporaryDirectory() as place:
        directory = create(Path(place) / "run", {"status": "running"}, {})
        recorder, clock, pace = Recorder(directory.events), Clock(turns), Pace(clock_of(turns))
        doctors = []
        if doctored:
            doctors = [Doctor(session, directory.path, name=network, config=file.to_json(), pace=pace, test=data.test)]
        keeper = Checkpointer(directory, {"events": recorder}, file.training.checkpoint_seconds)
        begin = time.process_time()
        train(session, [*doctors, recorder, keeper, clock])
        return taken(begin, clock.began, clock.ended)


def plain(name: str, steps: int, watched: bool, turns: Turns | None) -> Taken:
    """A loop of a user's own."""
    torch.manual_seed(0)
    loop = LOOPS[name]()
    keep_memory()  # as runs of the house do; else the C library gives some back and takes it anew, or not, by chance
    begin, clock = time.process_time(), clock_of(turns)
    watch = us.watch(loop.networks, loop.optimizers, quiet=True) if watched else nullcontext()
    if isinstance(watch, Watch):
        watch._loop.pace.clock = clock
    with watch:
        if turns:
            turns.wait()
        first = last = clock(), time.process_time()
        for _ in range(steps):
            loop.step()
            last = clock(), time.process_time()
            if turns:
                turns.step()
    return taken(begin, first, last)


Measure = Callable[[int, bool, Turns | None], Taken]
THREADS = int(os.environ.get("OMP_NUM_THREADS", torch.get_num_threads()))


def alone(measure: Measure, turns: Turns) -> float:
    """Seconds of a step without the doctor."""
    torch.set_num_threads(THREADS)
    turns.wait()
    return measure(WARM, False, None).processor / WARM


def warmed(measure: Measure, steps: int, with_it: bool, turns: Turns) -> Taken:
    """A measurement in turn with others, after a short one."""
    torch.set_num_threads(THREADS)
    measure(WARM, with_it, None)
    return measure(steps, with_it, turns)


def compared(label: str, measure: Measure, asked: argparse.Namespace) -> dict[str, Any]:
    """So many pairs, the order changed from one to the next."""
    (step,) = in_turn([partial(alone, measure)], 1)
    steps, found = max(WARM, round(asked.seconds / step)), []
    for number in range(asked.pairs):
        order = (True, False) if number % 2 == 0 else (False, True)
        works = [partial(warmed, measure, steps, with_it) for with_it in order]
        both = dict(zip(order, in_turn(works, max(1, round(TURN / step))), strict=True))
        found.append((both[True], both[False]))
    ratios = [round(with_it.steps / without.steps, 4) for with_it, without in found]
    processors = [round(with_it.processor / without.processor, 4) for with_it, without in found]
    result = {
        "ratio": round(statistics.median(ratios), 4),
        "ratios": ratios,
        "processor": round(statistics.median(processors), 4),
        "processors": processors,
        "steps": steps,
        "step_microseconds": round(1e6 * statistics.median(without.processor for _, without in found) / steps),
        "seconds_around": round(statistics.median(one.around - other.around for one, other in found), 2),
    }
    print(f"{label}: {result}", flush=True)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each run, about")
    parser.add_argument("--only", choices=HOUSE, nargs="+", default=list(HOUSE), help="leave the other kinds as kept")
    parser.add_argument("--of", choices=("house", "plain"), nargs="+", default=["house", "plain"])
    parser.add_argument("--keep", action="store_true", help="write benchmarks/results")
    asked = parser.parse_args()
    torch.set_num_threads(1)  # of this process, which only loads data: threads do not survive a fork
    kept: dict[str, Any] = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    found = {kind: dict(kept.get(kind, {})) for kind in ("house", "plain")}
    for name in asked.only:
        if "house" in asked.of:
            data = data_for(name)
            found["house"][name] = compared(f"{name}, {HOUSE[name][0]}", partial(house, name, data), asked)
        if "plain" in asked.of:
            found["plain"][name] = compared(f"{name}, us.watch", partial(plain, name), asked)
    conclude(found, asked)


def conclude(found: Mapping[str, Mapping[str, Any]], asked: argparse.Namespace) -> None:
    """Say the medians, keep them if asked to, and fail where they are above what is expected."""
    medians = {
        kind: {by: round(statistics.median(it[by] for it in of.values()), 4) for by in ("ratio", "processor")}
        for kind, of in found.items()
        if of
    }
    print(f"medians: {medians}; wanted at most {WANTED}")
    if asked.keep:
        torch.set_num_threads(THREADS)
        told = {**found, "median": medians, "machine": describe(), "date": str(date.today()), "pairs": asked.pairs}
        RESULT.write_text(json.dumps(told, indent=2) + "\n")
    if max(median["ratio"] for median in medians.values()) > WANTED:
        sys.exit(f"missed: wanted at most {WANTED}")


if __name__ == "__main__":
    main()
