"""From which size on is bf16 faster than fp32 on this machine? Decides `BF16_MULTIPLY_ADDS` and `LSTM_MULTIPLY_ADDS`
in training/engine.py.

Steps of dense and convolutional autoencoders and LSTMs of rising size, both precisions in turn; the best of several
rounds.
"""

import time

import torch

from understudy import models
from understudy.data.dataset import Dataset
from understudy.data.memory import ArrayItems
from understudy.data.spec import ImageSpec
from understudy.layers.summary import multiply_adds
from understudy.training.config import TrainingConfig
from understudy.training.engine import Engine
from understudy.training.loop import step
from understudy.training.session import Session

ROUNDS, STEPS, BATCH = 7, 20, 128
DENSE = [(), (32,), (64,), (128,), (256,), (400, 400), (1000, 500, 250)]
LSTM = [4, 8, 16, 32, 64]
CONV = [(4, 8), (8, 16), (16, 32), (32, 64), (64, 128)]


def session(name: str, settings: dict[str, object], precision: str) -> Session:
    spec = ImageSpec(1, 28, 28, classes=tuple("0123456789"))
    items = ArrayItems(torch.rand(BATCH, *spec.shape), torch.arange(BATCH) % 10)
    data = Dataset("noise", spec, items, items, items, "")
    config = TrainingConfig(steps=10**6, batch=BATCH)
    torch.manual_seed(0)
    network = models.build(name, settings, spec)
    return Session(network, data, config, Engine(torch.device("cpu"), precision), 0)  # type: ignore[arg-type]


def seconds(trained: Session) -> float:
    stream = trained.stream()
    begin = time.perf_counter()
    for _ in range(STEPS):
        step(trained, stream)
    return (time.perf_counter() - begin) / STEPS


def compare(name: str, settings: dict[str, object]) -> None:
    pair = [session(name, settings, precision) for precision in ("fp32", "bf16")]
    best = [float("inf")] * 2
    for _ in range(ROUNDS):
        best = [min(before, seconds(trained)) for before, trained in zip(best, pair, strict=True)]
    work = BATCH * multiply_adds(pair[0].network, pair[0].network.spec.shape)
    print(
        f"{name:18} {settings!s:32} {work / 1e6:8.1f}M multiply-adds a batch: fp32 {1e3 * best[0]:7.2f} ms, "
        f"bf16 {1e3 * best[1]:7.2f} ms, fp32/bf16 {best[0] / best[1]:.2f}",
        flush=True,
    )


if __name__ == "__main__":
    for hidden in DENSE:
        compare("vae", {"hidden": hidden})
    for channels in CONV:
        compare("conv-autoencoder", {"channels": channels})
    for units in LSTM:
        compare("sequence-classifier", {"hidden_dim": units})
