"""Two problems that only a memory solves, drawn as they are asked for: no training batch comes twice."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from numpy.random import MT19937, RandomState, SeedSequence
from torch import Tensor, device

from understudy.data.dataset import Batch, Dataset
from understudy.data.fit import Fit
from understudy.data.memory import ArrayItems
from understudy.data.options import DataOptions
from understudy.data.spec import SequenceSpec
from understudy.errors import DataError, OptionError

SYMBOLS, RECALLED = 8, 10
BLANK, GO = SYMBOLS, SYMBOLS + 1
"""Copying: the numbers of the token that fills the wait and of the one that asks for the answer."""
LENGTH = 100
EPOCH, VALIDATION, TEST = 10_000, 500, 2_000
"""Items of an epoch, each epoch others; of validation and test, always the same."""
_CPU = torch.device("cpu")


@dataclass(frozen=True)
class Problem:
    """What is read and what is asked.

    Attributes:
        inputs: numbers read at a step.
        symbols: answers to choose from at each step; 0: a number is asked for at the last.
        steps: of an item, by the length of its wait.
        least: the shortest length.
        draw: (count, length, stream) -> what is read (count, steps, inputs), and the answers.
    """

    inputs: int
    symbols: int
    steps: Callable[[int], int]
    least: int
    draw: Callable[[int, int, RandomState], tuple[Tensor, Tensor]]


def adding(count: int, length: int, stream: RandomState) -> tuple[Tensor, Tensor]:
    """Numbers from 0 to 1, and beside them a marker at one place of each half; the answer is the marked two's sum.

    Shapes: (count, length, 2), (count,).

    Reference:
        Hochreiter and Schmidhuber, 1997, Long Short-Term Memory, section 5.4; as in Arjovsky et al., 2016,
        arXiv:1511.06464, section 4.2.
    """
    numbers = stream.random_sample((count, length)).astype(np.float32)
    first, second = (stream.randint(*half, size=count) for half in ((0, length // 2), (length // 2, length)))
    rows, markers = np.arange(count), np.zeros_like(numbers)
    markers[rows, first] = markers[rows, second] = 1
    sums = numbers[rows, first] + numbers[rows, second]
    return torch.from_numpy(np.stack([numbers, markers], 2)), torch.from_numpy(sums)


def copying(count: int, length: int, stream: RandomState) -> tuple[Tensor, Tensor]:
    """Ten symbols of eight, a wait of `length`, and the ten again; the answer until then is blank.

    Shapes: (count, length + 20, 10) one-hot, (count, length + 20) int64.

    Reference: Arjovsky et al., 2016, Unitary evolution recurrent neural networks, arXiv:1511.06464, section 4.1.
    """
    symbols = stream.randint(SYMBOLS, size=(count, RECALLED))
    read = np.full((count, length + 2 * RECALLED), BLANK)
    read[:, :RECALLED], read[:, length + RECALLED - 1] = symbols, GO
    answers = np.full_like(read, BLANK)
    answers[:, -RECALLED:] = symbols
    return F.one_hot(torch.from_numpy(read), SYMBOLS + 2).float(), torch.from_numpy(answers)


PROBLEMS = {
    "adding": Problem(inputs=2, symbols=0, steps=lambda length: length, least=2, draw=adding),
    "copy-memory": Problem(SYMBOLS + 2, SYMBOLS + 1, steps=lambda length: length + 2 * RECALLED, least=1, draw=copying),
}


def loader(name: str) -> Callable[..., Dataset]:
    """What loads a problem."""

    def load(options: DataOptions, fit: Fit | None = None) -> Dataset:
        return problem(name, LENGTH if options.length is None else options.length, fit)

    return load


def problem(name: str, length: int, fit: Fit | None = None) -> Dataset:
    """A problem at this length.

    Raises:
        OptionError: it has no room in so few steps.
        DataError: the network that it is read for learned another one, or at another length.
    """
    asked = PROBLEMS[name]
    if length < asked.least:
        raise OptionError(f"length={length}: '{name}' takes {asked.least} or more")
    spec = SequenceSpec(asked.steps(length), asked.inputs, asked.symbols)
    if fit is not None and fit.spec != spec:
        raise DataError(f"run was trained on {fit.spec.describe()}; '{name}' has {spec.describe()}")
    validation, test = (
        ArrayItems(*asked.draw(count, length, _stream(place))) for place, count in ((1, VALIDATION), (2, TEST))
    )
    digest = hashlib.blake2b(test.x.numpy().tobytes(), digest_size=16)
    return Dataset(name, spec, FreshItems(name, length), validation, test, digest.hexdigest())


@dataclass(frozen=True)
class FreshItems:
    """A training split without end: every epoch has other items.

    Attributes:
        count: items of an epoch.
    """

    name: str
    length: int
    count: int = EPOCH
    target: device = _CPU

    def __len__(self) -> int:
        return self.count

    def to(self, target: device) -> "FreshItems":
        """The same, delivered on `target`."""
        return replace(self, target=target)

    def take(self, index: Tensor) -> Batch:
        """Items by their numbers, which training never sees; for baselines."""
        drawn = [PROBLEMS[self.name].draw(1, self.length, _stream(0, number)) for number in index.tolist()]
        x, y = (torch.cat(part) for part in zip(*drawn, strict=True))
        return Batch(x.to(self.target), y.to(self.target))

    def batch_count(self, batch: int) -> int:
        """Batches in one epoch; the last may be smaller."""
        return -(-self.count // batch)

    def batches(self, batch: int, seed: int, epoch: int, start: int) -> Iterator[Batch]:
        """One epoch from batch `start` on: the seed, the epoch and a batch's number decide its items."""
        for number in range(start, self.batch_count(batch)):
            count = min(batch, self.count - number * batch)
            x, y = PROBLEMS[self.name].draw(count, self.length, _stream(0, seed, epoch, number))
            yield Batch(x.to(self.target), y.to(self.target))

    def in_order(self, batch: int) -> Iterator[Batch]:
        """The items of `take`, one after the other."""
        yield from map(self.take, torch.arange(self.count).split(batch))


def _stream(*key: int) -> RandomState:
    """Numbers that the key alone decides, promised for ever (NEP 19)."""
    return RandomState(MT19937(SeedSequence(key)))
