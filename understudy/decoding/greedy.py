"""The greedy hypothesis within a beam: where it is, when it ends, and whether it falls out."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class GreedyPath:
    """The hypothesis of each row that takes the likeliest token each time.

    Attributes:
        slots: its slot in the row's first search: (rows,); -1: it is not in the beam any more.
        lost: whether it was pruned, and not ended: (rows,).
    """

    slots: Tensor
    lost: Tensor

    @classmethod
    def begin(cls, rows: int, device: torch.device) -> "GreedyPath":
        """At the start it is the only one."""
        return cls(
            torch.zeros(rows, dtype=torch.int64, device=device), torch.zeros(rows, dtype=torch.bool, device=device)
        )

    def next(self, tokens: Tensor, tied: Tensor, end: int | None) -> tuple[Tensor, Tensor]:
        """The token that it takes, and whether that is its end.

        Where two tokens are equally likely, nothing says which of them greedy search would take: it counts as lost.

        Args:
            tokens: the likeliest of each slot of the rows' first searches: (rows, width).
            tied: whether another is as likely: (rows, width).

        Shapes: -> (rows,), (rows,)
        """
        slots = self.slots.clamp_min(0)[:, None]
        token = tokens.gather(1, slots)[:, 0]
        unclear = tied.gather(1, slots)[:, 0] & (self.slots >= 0)
        self.lost |= unclear
        self.slots = self.slots.masked_fill(unclear, -1)
        ends = (self.slots >= 0) & (token == end) if end is not None else torch.zeros_like(self.lost)
        return token, ends

    def follow(self, token: Tensor, ends: Tensor, parents: Tensor, tokens: Tensor) -> None:
        """Where it is among those that go on.

        Args:
            token: what `next` said, and `ends` too.
            parents: of the slots of the rows' first searches: (rows, width).
            tokens: theirs: (rows, width).
        """
        here = (parents == self.slots[:, None]) & (tokens == token[:, None])
        inside = (self.slots >= 0) & ~ends
        found = here.any(1)
        self.lost |= inside & ~found
        self.slots = torch.where(inside & found, here.int().argmax(1), -1)

    def settle(self, live: Tensor) -> None:
        """Forget it where it cannot win: the log-probabilities of the rows' first searches, (rows, width)."""
        gone = live.gather(1, self.slots.clamp_min(0)[:, None])[:, 0] == -torch.inf
        self.slots = self.slots.masked_fill(gone, -1)

    def at(self, rows: Tensor) -> "GreedyPath":
        """Of these rows alone."""
        return GreedyPath(self.slots[rows], self.lost[rows])
