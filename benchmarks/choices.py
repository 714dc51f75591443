"""Which activation, and layer norm or not? On MNIST's validation split alone: same steps, rate, seed and batches.

For the deep autoencoder and the VAE. The test split is not touched.
"""

import argparse

import torch

from understudy import models
from understudy.data.sources import load
from understudy.runs.runfile import resolve
from understudy.training.engine import choose_engine
from understudy.training.loop import train
from understudy.training.session import Session
from understudy.training.validation import validate

CHOICES = [("gelu", True), ("elu", True), ("gelu", False), ("elu", False), ("relu", False)]


def validation_loss(name: str, activation: str, layer_norm: bool, steps: int, seed: int) -> float:
    settings = {"activation": activation, "layer_norm": layer_norm, "steps": steps, "learning_rate": 1e-3}
    file = resolve({"network": name, "data": {"source": "mnist"}, "seed": seed}, settings)
    data = load("mnist", file.data)
    torch.manual_seed(seed)
    network = models.build(name, file.model, data.spec)
    session = Session(network, data, file.training, choose_engine(file.training, network), seed)
    train(session)
    return validate(session)["loss"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for name in ("deep-autoencoder", "vae"):
        for activation, layer_norm in CHOICES:
            loss = validation_loss(name, activation, layer_norm, options.steps, options.seed)
            print(f"{name:17} {activation:5} layer norm {layer_norm!s:6} validation loss {loss:.3f}", flush=True)
