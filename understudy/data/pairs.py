"""Pairs of sentences in batches of like length, filled up to the longest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, device

from understudy.data.dataset import Batch
from understudy.data.sentences import PADDING
from understudy.data.spec import PairSpec
from understudy.data.splits import permutation
from understudy.data.text import IGNORED

POOL = 50
"""Batches' worth of pairs that are sorted by length together: the fewer, the more chance in a batch, and padding."""


@dataclass(frozen=True, slots=True)
class PairBatch(Batch):
    """Some pairs.

    Shapes:
        x: (batch, time), int64, the sources; `PADDING` after their ends.
        y: (batch, time), int64, the targets; `IGNORED` after their ends.
    """

    def __len__(self) -> int:
        """Target tokens that are asked for: what a mean over the batch counts."""
        assert self.y is not None
        return int((self.y >= 0).sum())


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of different lengths, one after the other.

    Shapes:
        tokens: (all,), int32.
        ends: (rows + 1,), int64: row n is tokens[ends[n]:ends[n + 1]].
    """

    tokens: Tensor
    ends: Tensor

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> "Rows":
        """Rows of token numbers."""
        ends = np.cumsum([0, *(len(row) for row in rows)])
        flat = np.concatenate([np.asarray(row, np.int32) for row in rows]) if rows else np.empty(0, np.int32)
        return cls(torch.from_numpy(flat.astype(np.int32)), torch.from_numpy(ends.astype(np.int64)))

    @property
    def lengths(self) -> Tensor:
        """(rows,)."""
        return self.ends.diff()

    def take(self, index: Tensor, filler: int) -> Tensor:
        """Some rows, filled up to the longest of them: (count,) -> (count, time), int64."""
        lengths = self.lengths[index]
        steps = torch.arange(int(lengths.max()) if len(index) else 0, device=index.device)
        inside = steps < lengths[:, None]
        places = torch.where(inside, self.ends[index][:, None] + steps, 0)
        return torch.where(inside, self.tokens[places].long(), filler)

    def only(self, index: Tensor) -> "Rows":
        """Some rows, in this order."""
        rows = [self.tokens[self.ends[row] : self.ends[row + 1]] for row in index.tolist()]
        ends = torch.tensor([0, *(len(row) for row in rows)], device=self.ends.device).cumsum(0)
        return Rows(torch.cat(rows) if rows else self.tokens[:0], ends)

    def to(self, target: device) -> "Rows":
        """The same rows, kept on `target`."""
        return Rows(self.tokens.to(target), self.ends.to(target))


@dataclass(frozen=True, slots=True)
class PairItems:
    """One split of pairs, as token numbers and as they were written.

    Attributes:
        written: (source, target) of each pair; references for scores are these, not what tokens can say.
    """

    sources: Rows
    targets: Rows
    written: tuple[tuple[str, str], ...]
    y: None = None

    @classmethod
    def of(cls, pairs: Sequence[tuple[str, str]], spec: PairSpec) -> "PairItems":
        """Pairs in the languages of `spec`."""
        sources = Rows.of([spec.source.encode(source) for source, _ in pairs])
        targets = Rows.of([spec.target.encode(target) for _, target in pairs])
        return cls(sources, targets, tuple(pairs))

    def __len__(self) -> int:
        return len(self.written)

    def take(self, index: Tensor) -> PairBatch:
        """The pairs at these positions, in this order."""
        index = index.to(self.sources.ends.device)
        return PairBatch(self.sources.take(index, PADDING), self.targets.take(index, IGNORED))

    def only(self, index: Tensor) -> "PairItems":
        """Some of the pairs, in this order. `index` is (count,), int64, on the CPU."""
        written = tuple(self.written[place] for place in index.tolist())
        return PairItems(self.sources.only(index), self.targets.only(index), written)

    def to(self, target: device) -> "PairItems":
        """The same pairs, kept on `target`."""
        return replace(self, sources=self.sources.to(target), targets=self.targets.to(target))

    def batch_count(self, batch: int) -> int:
        """Batches in one epoch; the last of a pool may be smaller."""
        full, rest = divmod(len(self), POOL * batch)
        return full * POOL + -(-rest // batch)

    def batches(self, batch: int, seed: int, epoch: int, start: int) -> Iterator[PairBatch]:
        """One epoch from batch `start` on: pairs in a chance order, sorted by length within pools, batches shuffled."""
        order, size = permutation(len(self), 4, seed, epoch), POOL * batch
        pools = [order[first : first + size] for first in range(0, len(order), size)]
        found = [part for pool in pools for part in self._cut(pool, batch)]
        for number in permutation(len(found), 5, seed, epoch)[start:]:
            yield self.take(found[number])

    def in_order(self, batch: int) -> Iterator[PairBatch]:
        """Every pair once, from short to long."""
        for index in self.by_length(batch):
            yield self.take(index)

    def by_length(self, batch: int) -> list[Tensor]:
        """Positions of the pairs of each batch of `in_order`."""
        return self._cut(np.arange(len(self)), batch)

    def _cut(self, positions: np.typing.NDArray[np.int64], batch: int) -> list[Tensor]:
        sources, targets = (rows.lengths.cpu().numpy()[positions] for rows in (self.sources, self.targets))
        ordered = torch.from_numpy(positions[np.lexsort((targets, sources))])
        return list(ordered.split(batch)) if len(ordered) else []
