"""Train pythae's VAE and print its test bound after each epoch. Run by pythae's own Python; see against_pythae.py.

    python pythae_vae.py DATA.npz EPOCHS BATCH LATENT RATE SEED

Prints one JSON line: seconds of each epoch (training and its validation), and the test bound after it, in nats.
"""

import json
import logging
import sys
import tempfile
import time

import numpy as np
import torch
import torch.nn.functional as F
from pythae.data.datasets import BaseDataset
from pythae.models import VAE, VAEConfig
from pythae.trainers import BaseTrainer, BaseTrainerConfig
from pythae.trainers.training_callbacks import TrainingCallback

logging.disable(logging.CRITICAL)


def bound(model, x):
    """The mean evidence lower bound with one draw of the code, in nats."""
    torch.manual_seed(0)
    model.eval()
    total = 0.0
    with torch.no_grad():
        for part in x.split(500):
            encoded = model.encoder(part)
            mean, log_variance = encoded.embedding, encoded.log_covariance
            z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
            p = model.decoder(z).reconstruction
            total -= F.binary_cross_entropy(p.flatten(1), part.flatten(1), reduction="sum").item()
            total += 0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum().item()
    model.train()
    return total / len(x)


class Clock(TrainingCallback):
    """Notes each epoch's seconds and the bound after it; the bound's own time is not counted."""

    def __init__(self, test):
        self.test, self.seconds, self.bounds = test, [], []
        self.model = None

    def on_epoch_begin(self, training_config, **kwargs):
        """The clock starts."""
        self.begin = time.perf_counter()

    def on_epoch_end(self, training_config, **kwargs):
        """The clock stops; the bound is taken."""
        self.seconds.append(time.perf_counter() - self.begin)
        self.bounds.append(bound(self.model, self.test))


def main():
    path, epochs, batch, latent, rate, seed = sys.argv[1], *map(float, sys.argv[2:])
    data = {name: torch.from_numpy(value).float() / 255 for name, value in np.load(path).items()}
    torch.manual_seed(int(seed))
    config = VAEConfig(input_dim=(1, 28, 28), latent_dim=int(latent), reconstruction_loss="bce")
    model, clock = VAE(config), Clock(data["x_test"])
    clock.model = model
    sets = [BaseDataset(data[name], torch.zeros(len(data[name]))) for name in ("x_train", "x_val")]
    with tempfile.TemporaryDirectory() as place:
        training = BaseTrainerConfig(
            output_dir=place,
            num_epochs=int(epochs),
            learning_rate=rate,
            seed=int(seed),
            per_device_train_batch_size=int(batch),
            per_device_eval_batch_size=500,
            no_cuda=True,
        )
        BaseTrainer(model, *sets, training_config=training, callbacks=[clock]).train()
    print(json.dumps({"seconds": clock.seconds, "bounds": clock.bounds}))


if __name__ == "__main__":
    main()
