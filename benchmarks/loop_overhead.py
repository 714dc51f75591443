"""What the loop, its events and its checkpoints cost over a bare hand-written PyTorch loop.

784-64-784, batch 128, fp32, fused Adam, MNIST where it is found ($UNDERSTUDY_DATA), else noise of its size. The bare
loop holds its data as float32 and does nothing but learn; ours writes events, progress and checkpoints. Validation,
which the bare loop has not, is left out of both. Both train the same network for the same steps, in turn,
so that a drift of the machine's speed hits both.

Expected: a median ratio of at most 1.05.
"""

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import torch

from understudy import models
from understudy.data.dataset import Dataset
from understudy.data.memory import ArrayItems
from understudy.data.sources import load
from understudy.errors import DataError
from understudy.runs.directory import create
from understudy.runs.recorder import Checkpointer, Recorder
from understudy.training.config import TrainingConfig
from understudy.training.display import Display
from understudy.training.engine import Engine
from understudy.training.loop import train
from understudy.training.session import Session

BATCH, RATE = 128, 1e-3
WANTED = 1.05
MODEL = {"hidden": (), "latent_dim": 64, "activation": "relu", "layer_norm": False}


class Taken(NamedTuple):
    """Seconds of the clock, and of the processor over all its threads: the second feels no neighbours."""

    wall: float
    cpu: float


def now() -> Taken:
    return Taken(time.perf_counter(), time.process_time())


def since(begin: Taken) -> Taken:
    return Taken(*(end - start for start, end in zip(begin, now(), strict=True)))


def network(data: Dataset) -> torch.nn.Module:
    torch.manual_seed(0)
    return models.build("autoencoder", MODEL, data.spec)


def bare(data: Dataset, steps: int) -> Taken:
    """A loop as one writes it by hand."""
    model = network(data)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, fused=True)
    x = data.train.take(torch.arange(len(data.train))).x
    order, at = torch.randperm(len(x)), 0
    begin = now()
    for _ in range(steps):
        if at >= len(x):
            order, at = torch.randperm(len(x)), 0
        batch = x[order[at : at + BATCH]]
        at += BATCH
        optimizer.zero_grad()
        logits = model.decoder(model.encoder(batch))
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, batch, reduction="sum") / len(batch)
        loss.backward()
        optimizer.step()
    return since(begin)


def ours(data: Dataset, steps: int, folder: Path) -> Taken:
    """The same steps under the loop, with events, progress and checkpoints. Validation is no step."""
    config = TrainingConfig(steps=steps, batch=BATCH, learning_rate=RATE)
    few = replace(data, validation=ArrayItems(torch.zeros(1, *data.spec.shape), None))
    session = Session(network(data), few, config, Engine(torch.device("cpu"), "fp32"), seed=0)
    directory = create(folder, {"status": "running"}, {})
    recorder = Recorder(directory.events)
    watchers = [recorder, Checkpointer(directory, {"events": recorder}, config.checkpoint_seconds), Display()]
    begin = now()
    train(session, watchers)
    return since(begin)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--steps", type=int, default=1500)
    options = parser.parse_args()
    try:
        data = load("mnist")
    except DataError:
        data = load(torch.randint(0, 256, (60_000, 28, 28), dtype=torch.uint8))
    bare(data, 200)  # warm-up
    ratios: list[Taken] = []
    with tempfile.TemporaryDirectory() as place:
        for pair in range(options.pairs):
            first, second = bare(data, options.steps), ours(data, options.steps, Path(place) / str(pair))
            ratios.append(Taken(second.wall / first.wall, second.cpu / first.cpu))
            print(
                f"bare {1e6 * first.wall / options.steps:.0f} us, ours {1e6 * second.wall / options.steps:.0f} us, "
                f"ratio {ratios[-1].wall:.3f}; of processor time {ratios[-1].cpu:.3f}",
                flush=True,
            )
    for name, values in (("wall", [it.wall for it in ratios]), ("processor", [it.cpu for it in ratios])):
        print(f"{name}: median {statistics.median(values):.3f}, from {min(values):.3f} to {max(values):.3f}")
    if statistics.median(it.wall for it in ratios) > WANTED:
        sys.exit(f"missed: wanted at most {WANTED}")


if __name__ == "__main__":
    main()
