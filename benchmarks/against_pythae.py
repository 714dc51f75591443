"""Our VAE against pythae 0.1.2: seconds for an epoch, and seconds to the same test bound.

    python -m venv peer && peer/bin/pip install torch==2.13.0 pythae==0.1.2
    python benchmarks/against_pythae.py peer/bin/python

Both train 784-512-16-512-784, ReLU, on the same binarised MNIST (each pixel drawn once), with Adam, the same batch and
threads; each in a fresh process, in turn, so that a drift of the machine's speed hits both. Pythae trains at a rate of
1e-3, which is better for it than its default of 1e-4, and in fp32, all it has on a CPU. Ours takes its own precision
and one rate cycle over fewer epochs, as many as it needs for pythae's best bound. The bound is of all 10,000 test
items, with one draw of the code, and taken outside the clock; each one's validation is inside.

Expected: an epoch at least 1.5 times, the same bound at least 3 times as fast.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from machine import describe

from understudy import models
from understudy.data.dataset import Batch
from understudy.data.sources import load
from understudy.files import write_json
from understudy.models.vae import VAE
from understudy.runs.runfile import resolve
from understudy.training.engine import choose_engine
from understudy.training.loop import Observer, train
from understudy.training.session import Session

HERE = Path(__file__).parent
LATENT, BATCH, PEER_RATE, RATE = 16, 100, 1e-3, 3e-3
WANTED = {"epoch": 1.5, "bound": 3.0}
MODEL = {"hidden": [512], "latent_dim": LATENT, "activation": "relu", "layer_norm": False}


def binarised(path: Path) -> None:
    """MNIST's three splits, each pixel drawn once: 0 or 255."""
    data, generator = load("mnist"), torch.Generator().manual_seed(0)
    splits = {}
    for name, key in (("train", "x_train"), ("validation", "x_val"), ("test", "x_test")):
        items = data.split(name)
        x = torch.cat([items.take(part).x for part in torch.arange(len(items)).split(1000)])
        splits[key] = (255 * (torch.rand(x.shape, generator=generator) < x)).numpy().astype(np.uint8)
    np.savez(path, **splits)


class Clock(Observer):
    """Notes each epoch's seconds and the test bound after it; the bound's own time is not counted."""

    def __init__(self, test: torch.Tensor) -> None:
        self.test, self.seconds, self.bounds = test, list[float](), list[float]()

    def on_start(self, session: Session) -> None:
        """The first epoch begins."""
        self.begin = time.perf_counter()

    def on_step(self, session: Session) -> None:
        """Perhaps an epoch ends."""
        if session.progress.step % session.epoch_batches:
            return
        self.seconds.append(time.perf_counter() - self.begin)
        assert isinstance(session.network, VAE)
        self.bounds.append(bound(session.network, self.test))
        self.begin = time.perf_counter()


def bound(network: VAE, x: torch.Tensor) -> float:
    """The mean evidence lower bound with one draw of the code, in nats."""
    with torch.random.fork_rng([]), torch.no_grad():
        torch.manual_seed(0)
        network.eval()
        total = sum(-network.loss(Batch(part))["loss"].item() * len(part) for part in x.split(500))
        network.train()
    return total / len(x)


def ours(path: Path, epochs: int, seed: int) -> None:
    """Train ours and print its seconds and bounds, as the peer does."""
    settings = {**MODEL, "epochs": epochs, "batch": BATCH, "learning_rate": RATE}
    file = resolve({"network": "vae", "data": {"source": str(path)}, "seed": seed}, settings)
    data = load(path, file.data)
    torch.manual_seed(seed)
    network = models.build("vae", file.model, data.spec)
    clock = Clock(data.test.take(torch.arange(len(data.test))).x)
    train(Session(network, data, file.training, choose_engine(file.training, network), seed), [clock])
    print(json.dumps({"seconds": clock.seconds, "bounds": clock.bounds}))


def told(command: list[str]) -> dict[str, list[float]]:
    """What a process prints last."""
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def pair(peer: str, data: Path, peer_epochs: int, epochs: int, seed: int) -> dict[str, Any]:
    """One run of each, one after the other."""
    numbers = [str(it) for it in (peer_epochs, BATCH, LATENT, PEER_RATE, seed)]
    theirs = told([peer, str(HERE / "peers" / "pythae_vae.py"), str(data), *numbers])
    mine = told([sys.executable, __file__, peer, "--ours", str(data), "--epochs", str(epochs), "--seed", str(seed)])
    target = max(theirs["bounds"])
    reached = next((n for n, value in enumerate(mine["bounds"], 1) if value >= target), None)
    slow = sum(theirs["seconds"][: theirs["bounds"].index(target) + 1])
    return {
        "epoch": statistics.median(theirs["seconds"]) / statistics.median(mine["seconds"]),
        "bound": slow / sum(mine["seconds"][:reached]) if reached else 0.0,
        "theirs": {"epoch_seconds": statistics.median(theirs["seconds"]), "bound": target, "seconds": slow},
        "ours": {
            "epoch_seconds": statistics.median(mine["seconds"]),
            "bound": mine["bounds"][(reached or 0) - 1],
            "seconds": sum(mine["seconds"][:reached]),
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", help="the Python that has pythae")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--peer-epochs", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=4, help="of ours")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ours", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ours:
        ours(options.ours, options.epochs, options.seed)
        return
    with tempfile.TemporaryDirectory() as place:
        data = Path(place) / "binarised.npz"
        binarised(data)
        pairs = []
        for seed in range(options.pairs):
            pairs.append(pair(options.peer, data, options.peer_epochs, options.epochs, seed))
            print(json.dumps(pairs[-1]), flush=True)
    medians = {name: statistics.median(it[name] for it in pairs) for name in WANTED}
    (HERE / "results" / "peers").mkdir(parents=True, exist_ok=True)
    write_json(
        HERE / "results" / "peers" / "pythae.json",
        {"medians": medians, "pairs": pairs, "machine": describe(), "date": datetime.now(UTC).date().isoformat()},
    )
    print(medians)
    if any(medians[name] < wanted for name, wanted in WANTED.items()):
        sys.exit(f"missed: wanted {WANTED}")


if __name__ == "__main__":
    main()
