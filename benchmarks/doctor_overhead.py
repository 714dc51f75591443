"""What the doctor costs: the time of training steps with it over that without it.

Four networks of the house (MLP, convolutional, LSTM, GAN) at customary sizes, each trained with its run's record and
checkpoints, in turn with the doctor and without it, so that a drift of the machine's speed hits both; and four plain
PyTorch loops of those kinds, in turn with `us.watch` and without it. Each pair has a process of its own, which begins
with a short run of either: memory that earlier runs have left made plain steps up to 4% slower or faster. Time is
counted from the first step to the last, validations and events among them; what the doctor looks at before the first
step and after the last is said apart, in seconds. MNIST where it is found ($UNDERSTUDY_DATA), else noise of its size.

Expected: a median over the four of at most 1.03, of the house's and of the plain ones.
"""

import argparse
import json
import multiprocessing
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

import understudy as us
from understudy import models
from understudy.data.dataset import Dataset
from understudy.data.sources import load
from understudy.doctor.live import Doctor
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
FORK = multiprocessing.get_context("fork")
HOUSE: dict[str, tuple[str, dict[str, Any]]] = {
    "MLP": ("vae", {"hidden": [400]}),
    "convolutional": ("conv-autoencoder", {"batch": 64}),
    "LSTM": ("language-model", {}),
    "GAN": ("gan", {}),
}


class Taken(NamedTuple):
    """Seconds of the steps, by the clock and of the processor, which feels no neighbours; and around the steps: before
    the first and after the last."""

    steps: float
    processor: float
    around: float


def now() -> tuple[float, float]:
    """By the clock, and of the processor over all its threads."""
    return time.perf_counter(), time.process_time()


def taken(begin: float, first: tuple[float, float], last: tuple[float, float]) -> Taken:
    """From the times of the call, of the first step and of the last one's end."""
    steps, processor = (end - start for start, end in zip(first, last, strict=True))
    return Taken(steps, processor, time.perf_counter() - begin - steps)


class Clock(Observer):
    """Reads the time when the first step begins and when the last has ended; it is the last observer to start."""

    def on_start(self, session: Session) -> None:
        """Both begin here: there may be no step."""
        self.began = self.ended = now()

    def on_step(self, session: Session) -> None:
        """Perhaps the last one."""
        self.ended = now()


def data_for(name: str) -> Dataset:
    """MNIST, or noise of its size; for a reader a text."""
    wanted = "tinyshakespeare" if name == "LSTM" else "mnist"
    try:
        return load(wanted)
    except DataError:
        return load("pydoc" if name == "LSTM" else torch.randint(0, 256, (60_000, 28, 28), dtype=torch.uint8))


def house(name: str, data: Dataset, steps: int, doctored: bool) -> Taken:
    """A run of the house's."""
    network, settings = HOUSE[name]
    file = resolve({"network": network}, {**settings, "steps": steps, "precision": "fp32"})
    torch.manual_seed(0)
    session = Session(
        models.build(network, file.model, data.spec), data, file.training, Engine(torch.device("cpu"), "fp32"), seed=0
    )
    with tempfile.TemporaryDirectory() as place:
        directory = create(Path(place) / "run", {"status": "running"}, {})
        recorder, clock = Recorder(directory), Clock()
        doctors = [Doctor(session, directory.path, name=network, config=file.to_json(), test=data.test)] * doctored
        keeper = Checkpointer(directory, {"events": recorder}, file.training.checkpoint_seconds)
        begin = time.perf_counter()
        train(session, [*doctors, recorder, keeper, clock])
        return taken(begin, clock.began, clock.ended)


def plain(name: str, steps: int, watched: bool) -> Taken:
    """A loop of a user's own."""
    torch.manual_seed(0)
    loop = LOOPS[name]()
    begin = time.perf_counter()
    with us.watch(loop.networks, loop.optimizers, quiet=True) if watched else nullcontext():
        first = now()
        for _ in range(steps):
            loop.step()
        last = now()
    return taken(begin, first, last)


Measure = Callable[[int, bool], Taken]
THREADS = int(os.environ.get("OMP_NUM_THREADS", torch.get_num_threads()))


def pair(measure: Measure, steps: int | None, seconds: float, first: bool, send: Callable[[Any], None]) -> None:
    """Sends the steps, and what they took with the doctor and without it.

    Args:
        steps: unset: as many as take so many seconds.
        first: whether the run with it comes first.
    """
    torch.set_num_threads(THREADS)
    measure(WARM, True)
    one = measure(WARM, False).processor / WARM
    steps = steps or max(WARM, round(seconds / one))
    taken = {with_it: measure(steps, with_it) for with_it in (first, not first)}
    send((steps, (taken[True], taken[False])))


def compared(label: str, measure: Measure, asked: argparse.Namespace) -> dict[str, Any]:
    """So many pairs, the order changed from one to the next."""
    steps, found = None, []
    for number in range(asked.pairs):
        here, there = FORK.Pipe(duplex=False)
        process = FORK.Process(target=pair, args=(measure, steps, asked.seconds, number % 2 == 0, there.send))
        process.start()
        there.close()
        steps, both = here.recv()
        found.append(both)
        process.join()
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
