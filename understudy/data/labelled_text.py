"""Texts with a class each: held as they are, delivered as padded rows, those of like length together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, device

from understudy.data.dataset import Batch
from understudy.data.options import Cut
from understudy.data.spec import LabelledTextSpec
from understudy.data.splits import permutation
from understudy.data.vocabulary import pieces

PADDING = -1
"""What stands behind the end of a text that is shorter than another in its batch: no token's number."""
POOL = 16
"""Batches that are sorted by length together: more of them waste less on padding, fewer mix the texts better."""


@dataclass(frozen=True, slots=True)
class LabelledTexts:
    """One split of labelled texts, each whole; what is read of it follows from `most` and `cut`.

    Shapes:
        tokens: (all tokens,), int32: the texts one after the other.
        starts: (count,), int64, on the CPU: where each begins.
        lengths: (count,), int64, on the CPU.
        y: (count,), int64, or None.

    Attributes:
        most: tokens of a text that are read at most.
        cut: which part of a longer one is read.
    """

    tokens: Tensor
    starts: Tensor
    lengths: Tensor
    y: Tensor | None
    most: int
    cut: Cut

    def __len__(self) -> int:
        return len(self.starts)

    def whole(self, position: int) -> Tensor:
        """All tokens of one text, those that are not read included: (time,)."""
        first = int(self.starts[position])
        return self.tokens[first : first + int(self.lengths[position])]

    def take(self, index: Tensor) -> Batch:
        """The texts at these positions, filled up to the longest of them."""
        index = index.cpu()
        lengths = self.lengths[index].clamp_max(self.most)
        starts = self.starts[index]
        if self.cut == "tail":
            starts = starts + self.lengths[index] - lengths
        steps = torch.arange(int(lengths.max()))
        places = (starts[:, None] + steps).to(self.tokens.device)  # (batch, time)
        x = self.tokens[places.clamp_max(len(self.tokens) - 1)].long()
        x = x.masked_fill((steps >= lengths[:, None]).to(x.device), PADDING)
        return Batch(x, None if self.y is None else self.y[index.to(self.y.device)])

    def only(self, index: Tensor) -> "LabelledTexts":
        """Some of the texts, in this order."""
        index = index.cpu()
        y = None if self.y is None else self.y[index.to(self.y.device)]
        return replace(self, starts=self.starts[index], lengths=self.lengths[index], y=y)

    def to(self, target: device) -> "LabelledTexts":
        """The same texts, kept on `target`."""
        return replace(self, tokens=self.tokens.to(target), y=None if self.y is None else self.y.to(target))

    def batch_count(self, batch: int) -> int:
        """Batches in one epoch; one may be smaller."""
        return -(-len(self) // batch)

    def batches(self, batch: int, seed: int, epoch: int, start: int) -> Iterator[Batch]:
        """One epoch from batch `start` on: texts of like length together, the batches in an order of their own."""
        shuffled = torch.from_numpy(permutation(len(self), 2, seed, epoch))
        pools = [pool[self.lengths[pool].argsort(stable=True)] for pool in shuffled.split(POOL * batch)]
        groups = [group for pool in pools for group in pool.split(batch)]
        for number in permutation(len(groups), 4, seed, epoch)[start:]:
            yield self.take(groups[int(number)])

    def in_order(self, batch: int) -> Iterator[Batch]:
        """Every text once, from short to long, so that little is padding."""
        for group in self.lengths.argsort(stable=True).split(batch):
            yield self.take(group)


def numbered(texts: Sequence[str], spec: LabelledTextSpec) -> list[NDArray[np.int32]]:
    """The token numbers of each text, all of it."""
    if spec.unit == "bytes":
        return [np.frombuffer(_cased(text, spec).encode(), np.uint8).astype(np.int32) for text in texts]
    known = {token: number for number, token in enumerate(spec.vocabulary)}
    return [np.array([known.get(it, 0) for it in pieces(_cased(text, spec), spec.unit)], np.int32) for text in texts]


def read_part(text: str, spec: LabelledTextSpec) -> list[str]:
    """The tokens of a text that a network of this spec reads, as they are written."""
    found = list(pieces(text, spec.unit))
    return found[: spec.length] if spec.cut == "head" else found[-spec.length :]


def packed(texts: Sequence[NDArray[np.int32]], y: Tensor | None, spec: LabelledTextSpec) -> LabelledTexts:
    """Texts that are tokens already as the items of a split."""
    lengths = torch.tensor([len(text) for text in texts], dtype=torch.int64)
    tokens = torch.from_numpy(np.concatenate([np.empty(0, np.int32), *texts]))
    return LabelledTexts(tokens, lengths.cumsum(0) - lengths, lengths, y, spec.length, spec.cut)


def padded(texts: Sequence[str], spec: LabelledTextSpec) -> Tensor:
    """Texts as a network's input: (batch, time), int64."""
    return packed(numbered(texts, spec), None, spec).take(torch.arange(len(texts))).x


def _cased(text: str, spec: LabelledTextSpec) -> str:
    return text.lower() if spec.lower_case else text
