"""Train the two small networks that the scores of generated pictures rest on, and write them into the package.

    python benchmarks/digit_networks.py lenet judge

Needs MNIST. One thread, so that the same machine gives the same bytes. The epoch is chosen on the validation split; the
test split is read once, at the end.
"""

import argparse
import hashlib
from datetime import UTC, datetime
from typing import Any

import torch
import torch.nn.functional as F
from machine import describe
from torch import Tensor, nn

from understudy.data.batches import in_order
from understudy.data.dataset import Batch, Dataset, Items
from understudy.data.sources import load
from understudy.data.spec import Spec
from understudy.evaluation.digit_networks import NETWORKS, WEIGHTS, LeNet
from understudy.files import write_json
from understudy.models.network import Network, Terms, Turn
from understudy.training.checkpoint import save_weights
from understudy.training.config import TrainingConfig
from understudy.training.engine import Engine
from understudy.training.loop import train
from understudy.training.session import Session

SETTINGS: dict[str, dict[str, Any]] = {
    "lenet": {"epochs": 6, "learning_rate": 2e-3, "seed": 1, "shift": 0},
    "judge": {"epochs": 12, "learning_rate": 5e-3, "seed": 2, "shift": 2},
}
TRAINING: dict[str, Any] = {"batch": 128, "optimizer": "adamw", "weight_decay": 0.01, "schedule": "one-cycle"}


class Classifier(Network):
    """Cross-entropy of digits that are moved by up to `shift` pixels each way, each batch as one."""

    def __init__(self, body: nn.Module, spec: Spec, shift: int) -> None:
        super().__init__(None, spec)
        self.body, self.shift = body, shift

    def turns(self) -> list[Turn]:
        """One player, one turn."""
        return [Turn("network", self.loss)]

    def loss(self, batch: Batch) -> Terms:
        """Of moved digits."""
        return self._surprise(moved(batch.x, self.shift), batch.y)

    def validate(self, batch: Batch) -> Terms:
        """Of digits as they are."""
        return self._surprise(batch.x, batch.y)

    def _surprise(self, x: Tensor, y: Tensor | None) -> Terms:
        assert y is not None
        return {"loss": F.cross_entropy(self.body(x), y)}


def moved(x: Tensor, most: int) -> Tensor:
    """Each picture moved by up to `most` pixels down and across; what comes in is black: the same shape."""
    if not most:
        return x
    size = x.shape[-1]
    down, across = torch.randint(2 * most + 1, (2, len(x)))
    rows = (down[:, None] + torch.arange(size))[:, :, None]  # (batch, size, 1)
    columns = (across[:, None] + torch.arange(size))[:, None, :]
    return F.pad(x, (most,) * 4)[torch.arange(len(x))[:, None, None], 0, rows, columns][:, None]


def accuracy(body: nn.Module, items: Items) -> float:
    with torch.no_grad():
        right = [body(batch.x).argmax(1) == batch.y for batch in in_order(items, 500)]
    return torch.cat(right).double().mean().item()


def scale_features(network: LeNet, items: Items) -> None:
    """Bring the features' mean variance to 1. A ReLU lets a factor pass, so that the logits stay what they were."""
    with torch.no_grad():
        found = torch.cat([network.features(batch.x) for batch in in_order(items, 500)]).double()
        factor = found.var(0).mean().rsqrt().item()
        for parameter in network.dense.parameters():
            parameter.mul_(factor)
        network.head.weight.div_(factor)


def fit(name: str, data: Dataset) -> None:
    own = dict(SETTINGS[name])
    seed, shift = own.pop("seed"), own.pop("shift")
    torch.manual_seed(seed)
    body = NETWORKS[name]().to(memory_format=torch.channels_last)  # a fifth faster
    network = Classifier(body, data.spec, shift)
    config = TrainingConfig(**TRAINING, **own, early_stopping=own["epochs"])
    session = Session(network, data, config, Engine(torch.device("cpu"), "fp32"), seed)
    train(session)
    network.load_state_dict(session.weights())
    body.eval()
    if isinstance(body, LeNet):
        scale_features(body, data.train)
    path = WEIGHTS / f"{name}.safetensors"
    save_weights(path, body.state_dict())
    found = {
        "network": type(body).__name__,
        "parameters": sum(parameter.numel() for parameter in body.parameters()),
        "accuracy": {"validation": accuracy(body, data.validation), "test": accuracy(body, data.test)},
        "data": {"name": data.name, "fingerprint": data.fingerprint, "sizes": data.sizes},
        "training": {**SETTINGS[name], **TRAINING},
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "command": f"python benchmarks/digit_networks.py {name}",
        "torch": torch.__version__,
        "machine": describe()["processor"],
        "date": datetime.now(UTC).date().isoformat(),
    }
    write_json(WEIGHTS / f"{name}.json", found)
    print(name, {key: found[key] for key in ("data", "accuracy", "sha256")}, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[[], *NETWORKS], help="both unless named")
    names = parser.parse_args().names
    torch.set_num_threads(1)
    data = load("mnist")
    for name in names or NETWORKS:
        fit(name, data)


if __name__ == "__main__":
    main()
