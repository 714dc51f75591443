"""Text as a row of tokens, cut into lanes that are read side by side, each window going on where the last one ended."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, device

from understudy.data.dataset import Batch
from understudy.data.splits import permutation

IGNORED = -100
"""The target of a token that is read but not scored, as PyTorch's cross-entropy has it."""
WARM_UP = 256
LANE = 4_096
MOST_LANES = 64


@dataclass(frozen=True, slots=True)
class TextBatch(Batch):
    """A window of each lane.

    Shapes:
        x: (lanes, time), int64, token numbers.
        y: (lanes, time), int64, the tokens that follow; `IGNORED` where none is asked for.

    Attributes:
        continues: whether each lane goes on where the batch before ended.
    """

    continues: bool = False

    def __len__(self) -> int:
        """Tokens that are asked for: what a mean over the batch counts."""
        assert self.y is not None
        return int((self.y != IGNORED).sum())


@dataclass(frozen=True, slots=True)
class TextItems:
    """One split of a text. An item is a token, with all that stands before it.

    Shapes:
        tokens: (count,), any type of whole numbers.
        before: (few,), what stands before the split in its text: read to warm up, never scored.

    Attributes:
        window: tokens of a lane in a training batch.
    """

    tokens: Tensor
    window: int
    before: Tensor

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def y(self) -> Tensor | None:
        """No item has a class."""
        return None

    def to(self, target: device) -> "TextItems":
        """The same text, kept on `target`."""
        return TextItems(self.tokens.to(target), self.window, self.before.to(target))

    def take(self, index: Tensor) -> TextBatch:
        """The windows that begin at these positions, cut short at the end of the split: for looking at."""
        ends = index.clamp(0, max(0, len(self.tokens) - self.window - 1))
        places = ends[:, None] + torch.arange(self.window + 1)
        rows = self.tokens[places.clamp_max(len(self.tokens) - 1).to(self.tokens.device)].long()
        return TextBatch(rows[:, :-1], rows[:, 1:])

    def lanes(self, batch: int) -> tuple[int, int]:
        """How many lanes train side by side, and the tokens of each; up to a window is left over for the offset."""
        usable = len(self.tokens) - 1 - self.window
        lanes = max(1, min(batch, usable // self.window))
        return lanes, max(1, usable // lanes)

    def batch_count(self, batch: int) -> int:
        """Batches in one epoch; the last may be shorter."""
        return -(-self.lanes(batch)[1] // self.window)

    def batches(self, batch: int, seed: int, epoch: int, start: int) -> Iterator[TextBatch]:
        """One epoch from batch `start` on. Each epoch cuts the text at another place, which the seed decides."""
        lanes, length = self.lanes(batch)
        offset = int(permutation(self.window, 3, seed, epoch)[0])
        x, y = (self._rows(offset + step, lanes, length) for step in (0, 1))
        for number in range(start, self.batch_count(batch)):
            window = slice(number * self.window, (number + 1) * self.window)
            yield TextBatch(x[:, window].long(), y[:, window].long(), continues=number > 0)

    def _rows(self, offset: int, lanes: int, length: int) -> Tensor:
        return self.tokens[offset : offset + lanes * length].view(lanes, length)

    def in_order(self, batch: int) -> Iterator[TextBatch]:
        """The whole split, every token asked for once, in long lanes that first read what stands before them.

        How many lanes there are follows from the split's length alone, so that a score does not depend on `batch`.

        The very first token of a text has nothing before it, and is not asked for.
        """
        count = len(self.tokens)
        lanes = max(1, min(MOST_LANES, count // LANE))
        length = -(-count // lanes)
        # Position p of the text is predicted from p - 1; a lane's places before its own part are its warm-up.
        text = torch.cat([self.before, self.tokens]).long()
        first = len(self.before)
        starts = first + length * torch.arange(lanes)
        places = starts[:, None] + torch.arange(-WARM_UP, length)  # the targets': (lanes, time)
        asked = (torch.arange(places.shape[1]) >= WARM_UP) & (places >= 1) & (places < len(text))
        places = places.to(text.device)
        targets = text[places.clamp(0, len(text) - 1)].masked_fill(~asked.to(text.device), IGNORED)
        sources = text[(places - 1).clamp(0, len(text) - 1)]
        for begin in range(0, places.shape[1], self.window):
            window = slice(begin, begin + self.window)
            yield TextBatch(sources[:, window], targets[:, window], continues=begin > 0)
