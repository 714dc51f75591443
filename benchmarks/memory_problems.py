"""Two problems that only a memory solves, computed as they are asked for: no batch comes twice."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.random import Generator
from torch import Tensor, device

from understudy.data.dataset import Batch

SYMBOLS, RECALLED = 8, 10
BLANK, GO = SYMBOLS, SYMBOLS + 1
"""Copying: the numbers of the token that fills the wait and of the one that asks for the answer."""


@dataclass(frozen=True)
class Problem:
    """What is read and what is asked.

    Attributes:
        inputs: numbers read at a step.
        outputs: numbers answered at a step.
        baseline: the loss of the best answer without a memory, by length.
        share: of the baseline; who comes below it has learnt the problem.
        draw: (count, length, generator) -> what is read (count, time, inputs), and the targets.
        loss: (answers (count, time, outputs), targets) -> scalar.
    """

    name: str
    inputs: int
    outputs: int
    baseline: Callable[[int], float]
    share: float
    draw: Callable[[int, int, Generator], tuple[Tensor, Tensor]]
    loss: Callable[[Tensor, Tensor], Tensor]


def adding(count: int, length: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Numbers from 0 to 1, and beside them a marker at one place of each half; the target is the marked two's sum.

    Shapes: (count, length, 2), (count,).

    Reference:
        Hochreiter and Schmidhuber, 1997, Long Short-Term Memory, section 5.4; as in Arjovsky et al., 2016,
        arXiv:1511.06464, section 4.2.
    """
    numbers = generator.random((count, length), dtype=np.float32)
    first, second = (generator.integers(*half, count) for half in ((0, length // 2), (length // 2, length)))
    rows, markers = np.arange(count), np.zeros_like(numbers)
    markers[rows, first] = markers[rows, second] = 1
    target = numbers[rows, first] + numbers[rows, second]
    return torch.from_numpy(np.stack([numbers, markers], 2)), torch.from_numpy(target)


def copying(count: int, length: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Ten symbols of eight, a wait of `length`, and the ten again; the target until then is blank.

    Shapes: (count, length + 20, 10) one-hot, (count, length + 20) int64.

    Reference: Arjovsky et al., 2016, Unitary evolution recurrent neural networks, arXiv:1511.06464, section 4.1.
    """
    symbols = generator.integers(0, SYMBOLS, (count, RECALLED))
    read = np.full((count, length + 2 * RECALLED), BLANK)
    read[:, :RECALLED], read[:, length + RECALLED - 1] = symbols, GO
    target = np.full_like(read, BLANK)
    target[:, -RECALLED:] = symbols
    return F.one_hot(torch.from_numpy(read), SYMBOLS + 2).float(), torch.from_numpy(target)


PROBLEMS = {
    "adding": Problem(
        "adding",
        inputs=2,
        outputs=1,
        baseline=lambda length: 1 / 6,  # always 1: the variance of a sum of two numbers from 0 to 1
        share=0.1,
        draw=adding,
        loss=lambda answers, target: F.mse_loss(answers[:, -1, 0], target),
    ),
    "copy-memory": Problem(
        "copy-memory",
        inputs=SYMBOLS + 2,
        outputs=SYMBOLS + 1,
        baseline=lambda length: RECALLED * math.log(SYMBOLS) / (length + 2 * RECALLED),  # blank, then any of the eight
        share=0.5,
        draw=copying,
        loss=lambda answers, target: F.cross_entropy(answers.flatten(0, 1), target.flatten()),
    ),
}


@dataclass(frozen=True)
class ProblemSpec:
    """One item of a problem, as a network is built for it."""

    problem: Problem
    length: int
    kind = "memory problem"
    dtype = "float32"
    classes = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of what is read."""
        return (self.problem.draw(1, self.length, np.random.default_rng(0))[0].shape[1], self.problem.inputs)

    @property
    def size(self) -> int:
        """Numbers read."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Draws:
    """One split: so many items, each drawn from the split's own stream when its batch is asked for."""

    spec: ProblemSpec
    count: int
    stream: int

    def __len__(self) -> int:
        return self.count

    def to(self, target: device) -> "Draws":
        """The same; these trials run on the processor."""
        return self

    def take(self, index: Tensor) -> Batch:
        """As many items as there are positions; the first decides which."""
        return self._draw(len(index), 1, int(index[0]))

    def batch_count(self, batch: int) -> int:
        """Batches of all of the items."""
        return -(-self.count // batch)

    def batches(self, batch: int, seed: int, epoch: int, start: int) -> Iterator[Batch]:
        """Items that the seed, the epoch and the batch's number decide."""
        for number in range(start, self.batch_count(batch)):
            yield self._draw(min(batch, self.count - number * batch), 2, seed, epoch, number)

    def in_order(self, batch: int) -> Iterator[Batch]:
        """All items, the same ones every time they are asked for in batches of this size."""
        yield from self.batches(batch, 0, 0, 0)

    def _draw(self, count: int, *place: int) -> Batch:
        x, y = self.spec.problem.draw(count, self.spec.length, np.random.default_rng((self.stream, *place)))
        return Batch(x, y)
