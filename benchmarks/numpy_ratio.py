"""What the network in NumPy costs beside the same one in PyTorch: 784-64-784, ReLU, squared error, Adam, batch 128.

Both train through the loop, for the same steps on data of MNIST's size, in turn; PyTorch in fp32, as NumPy.
"""

import argparse
import statistics
import time

import torch

from understudy import models
from understudy.data.dataset import Dataset
from understudy.data.memory import ArrayItems
from understudy.data.spec import ImageSpec
from understudy.runs.runfile import resolve
from understudy.training.engine import choose_engine
from understudy.training.loop import train
from understudy.training.session import Session

SPEC = ImageSpec(1, 28, 28)
TWIN = {
    "numpy-autoencoder": {"latent_dim": 64},
    "autoencoder": {"latent_dim": 64, "hidden": [], "code_activation": "relu", "loss": "mse"},
}


def seconds(name: str, data: Dataset, steps: int) -> float:
    """Training time of one session."""
    file = resolve({"network": name}, {**TWIN[name], "steps": steps, "precision": "fp32", "validate_every": 10 * steps})
    torch.manual_seed(0)
    network = models.build(name, file.model, SPEC)
    session = Session(network, data, file.training, choose_engine(file.training, network), 0)
    begin = time.perf_counter()
    train(session)
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--steps", type=int, default=1000)
    options = parser.parse_args()
    pictures = [torch.randint(0, 256, (count, 1, 28, 28), dtype=torch.uint8) for count in (54_000, 100, 100)]
    data = Dataset("noise", SPEC, *(ArrayItems(x) for x in pictures), fingerprint="")
    ratios = []
    for _ in range(options.pairs):
        by_hand, by_torch = (seconds(name, data, options.steps) for name in TWIN)
        ratios.append(by_hand / by_torch)
        each = [1000 * it / options.steps for it in (by_hand, by_torch)]
        print(f"NumPy {each[0]:.2f} ms, PyTorch {each[1]:.2f} ms a step, ratio {ratios[-1]:.2f}", flush=True)
    print(f"median {statistics.median(ratios):.2f}, from {min(ratios):.2f} to {max(ratios):.2f}")


if __name__ == "__main__":
    main()
