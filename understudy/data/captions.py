"""Pictures with a sentence each."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor, device

from understudy.data.dataset import Batch
from understudy.data.memory import unit_floats
from understudy.data.pairs import Rows
from understudy.data.text import IGNORED


@dataclass(frozen=True, slots=True)
class CaptionBatch(Batch):
    """Some pictures with their captions.

    Shapes:
        x: (batch, *spec.shape), float32 in [0, 1].
        y: (batch, time), int64, the captions; `IGNORED` after their ends.
    """

    def __len__(self) -> int:
        """Caption tokens that are asked for: what a mean over the batch counts."""
        assert self.y is not None
        return int((self.y != IGNORED).sum())


@dataclass(frozen=True, slots=True)
class CaptionItems:
    """One split.

    Shapes:
        x: (count, *spec.shape), uint8.

    Attributes:
        targets: the captions as token numbers.
        written: the captions as they were written.
    """

    x: Tensor
    targets: Rows
    written: tuple[str, ...]
    y: None = None

    def __len__(self) -> int:
        return len(self.written)

    def take(self, index: Tensor) -> CaptionBatch:
        """The pictures at these positions, in this order, and their captions."""
        index = index.to(self.x.device)
        return CaptionBatch(unit_floats(self.x[index]), self.targets.take(index, IGNORED))

    def only(self, index: Tensor) -> "CaptionItems":
        """Some of the items, in this order. `index` is (count,), int64, on the CPU."""
        written = tuple(self.written[place] for place in index.tolist())
        return CaptionItems(self.x[index.to(self.x.device)], self.targets.only(index), written)

    def to(self, target: device) -> "CaptionItems":
        """The same items, kept on `target`."""
        return replace(self, x=self.x.to(target), targets=self.targets.to(target))


def first(items: CaptionItems, count: int) -> CaptionItems:
    """The first few items of a split."""
    return items.only(torch.arange(min(count, len(items))))
