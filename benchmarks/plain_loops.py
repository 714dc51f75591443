"""Four training loops as people write them, of customary sizes, for what is measured beside `us.watch`."""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Adam, Optimizer

BATCH, PIXELS, CLASSES, NOISE = 128, 784, 10, 64
LANES, TIME, TOKENS, HIDDEN = 16, 64, 65, 256


class Plain(NamedTuple):
    """Networks and their optimizers as `us.watch` takes them, and one round of the loop."""

    networks: list[nn.Module]
    optimizers: list[Optimizer]
    step: Callable[[], None]


def _supervised(network: nn.Module, x: Tensor, y: Tensor, loss: Callable[[Tensor, Tensor], Tensor]) -> Plain:
    optimizer = Adam(network.parameters(), lr=1e-3)

    def step() -> None:
        items = torch.randint(len(x), (BATCH,)) if len(x) > LANES else torch.arange(LANES)
        optimizer.zero_grad()
        loss(network(x[items]), y[items]).backward()
        optimizer.step()

    return Plain([network], [optimizer], step)


def mlp() -> Plain:
    """784-512-512-10, a classifier."""
    layers = [nn.Linear(PIXELS, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, CLASSES)]
    x, y = torch.rand(4096, PIXELS), torch.randint(CLASSES, (4096,))
    return _supervised(nn.Sequential(*layers), x, y, F.cross_entropy)


def convolutional() -> Plain:
    """LeNet's shape on 28 x 28, with 16 and 32 channels."""
    layers = [nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 5, padding=2), nn.ReLU()]
    head = [nn.MaxPool2d(2), nn.Flatten(), nn.Linear(32 * 49, 128), nn.ReLU(), nn.Linear(128, CLASSES)]
    x, y = torch.rand(4096, 1, 28, 28), torch.randint(CLASSES, (4096,))
    return _supervised(nn.Sequential(*layers, *head), x, y, F.cross_entropy)


class Reader(nn.Module):
    """An LSTM over characters."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 128)
        self.lstm = nn.LSTM(128, HIDDEN, batch_first=True)
        self.output = nn.Linear(HIDDEN, TOKENS)

    def forward(self, tokens: Tensor) -> Tensor:
        """(batch, time) -> (batch, time, tokens)."""
        logits: Tensor = self.output(self.lstm(self.embedding(tokens))[0])
        return logits


def lstm() -> Plain:
    """A language model of 256 units, 16 lanes of 64 characters."""
    text = torch.randint(TOKENS, (LANES, TIME + 1))
    return _supervised(
        Reader(), text[:, :-1], text[:, 1:], lambda said, y: F.cross_entropy(said.flatten(0, 1), y.flatten())
    )


def gan() -> Plain:
    """Two networks of 256 units in two layers, 784 values."""
    generator = nn.Sequential(nn.Linear(NOISE, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, PIXELS))
    critic = nn.Sequential(
        nn.Linear(PIXELS, 256), nn.LeakyReLU(0.2), nn.Linear(256, 256), nn.LeakyReLU(0.2), nn.Linear(256, 1)
    )
    ours, theirs = Adam(generator.parameters(), 2e-4), Adam(critic.parameters(), 2e-4)
    x, ones, zeros = torch.rand(4096, PIXELS), torch.ones(BATCH, 1), torch.zeros(BATCH, 1)
    loss = nn.BCEWithLogitsLoss()

    def step() -> None:
        fake = generator(torch.randn(BATCH, NOISE))
        theirs.zero_grad()
        real = x[torch.randint(len(x), (BATCH,))]
        (loss(critic(real), ones) + loss(critic(fake.detach()), zeros)).backward()
        theirs.step()
        ours.zero_grad()
        loss(critic(fake), ones).backward()
        ours.step()

    return Plain([generator, critic], [ours, theirs], step)


LOOPS = {"MLP": mlp, "convolutional": convolutional, "LSTM": lstm, "GAN": gan}
