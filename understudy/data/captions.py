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
    """One split. An item is a picture with one of its captions; those of one picture stand together.

    Shapes:
        x: (pictures, *spec.shape), uint8.
        shown: (count,), int64, the picture of each item by its place in x, rising; None: each has its own.

    Attributes:
        targets: the captions as token numbers.
        written: the captions as they were written.
    """

    x: Tensor
    targets: Rows
    written: tuple[str, ...]
    shown: Tensor | None = None
    y: None = None

    def __len__(self) -> int:
        return len(self.written)

    def take(self, index: Tensor) -> CaptionBatch:
        """The items at these positions, in this order: pictures and captions."""
        return CaptionBatch(self.look(self._pictures(index)), self.targets.take(index, IGNORED))

    def look(self, places: Tensor) -> Tensor:
        """Pictures by their places in x, as the network sees them: (batch,) -> (batch, *spec.shape)."""
        return unit_floats(self.x[places.to(self.x.device)])

    def captions(self) -> list[tuple[str, ...]]:
        """All captions of each picture, in the order of x."""
        found: list[list[str]] = [[] for _ in range(len(self.x))]
        for picture, text in zip(self._pictures(torch.arange(len(self))).tolist(), self.written, strict=True):
            found[picture].append(text)
        return [tuple(texts) for texts in found]

    def only(self, index: Tensor) -> "CaptionItems":
        """Some of the items, in this order, each with its own picture. `index` is (count,), int64, on the CPU."""
        written = tuple(self.written[place] for place in index.tolist())
        return CaptionItems(self.x[self._pictures(index).to(self.x.device)], self.targets.only(index), written)

    def to(self, target: device) -> "CaptionItems":
        """The same items, kept on `target`."""
        return replace(self, x=self.x.to(target), targets=self.targets.to(target))

    def _pictures(self, index: Tensor) -> Tensor:
        return index if self.shown is None else self.shown[index]


def first(items: CaptionItems, count: int) -> CaptionItems:
    """The first few pictures of a split, with their first captions."""
    places = torch.arange(len(items))
    if items.shown is not None:
        places = places[items.shown.diff(prepend=items.shown.new_tensor([-1])) > 0]
    return items.only(places[:count])
