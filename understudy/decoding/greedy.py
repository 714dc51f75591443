"""The greedy hypothesis beside a beam: where it is, and a slot of its own once it has fallen out."""

from dataclasses import dataclass

import torch
from torch import Tensor

from understudy.decoding.candidates import Candidates, Chosen


@dataclass
class GreedyPath:
    """For each row the hypothesis that takes the likeliest token each time, in the first of the row's searches.

    The last slot of each search is kept for it. While it is in the beam that slot is empty and costs nothing.

    Attributes:
        slots: where it is: (rows,); -1: it has ended, or cannot win.
        groups: searches of each row.
        end: the token that ends it, if there is one.
    """

    slots: Tensor
    groups: int
    end: int | None

    @classmethod
    def begin(cls, rows: int, groups: int, end: int | None, device: torch.device) -> "GreedyPath":
        """At the start it is the only hypothesis."""
        return cls(torch.zeros(rows, dtype=torch.int64, device=device), groups, end)

    def follow(self, found: Candidates, chosen: Chosen) -> Chosen:
        """What was chosen, with the greedy hypothesis: in the last slot if it is not among the others, or ended."""
        assert found.best is not None
        assert found.best_scores is not None
        first = slice(None, None, self.groups)
        slots = self.slots.clamp_min(0)[:, None]
        token, score = found.best[first].gather(1, slots), found.best_scores[first].gather(1, slots)  # (rows, 1)
        alive = (self.slots >= 0)[:, None]
        ends = alive & (token == self.end) if self.end is not None else torch.zeros_like(alive)
        here = (chosen.parents[first] == slots) & (chosen.tokens[first] == token) & alive & ~ends
        stray = alive & ~ends & ~here.any(1, keepdim=True)
        kept = torch.cat([here, stray], 1)
        self.slots = torch.where(kept.any(1), kept.int().argmax(1), -1)

        ended = torch.zeros_like(found.ends, dtype=torch.bool)
        ended[first] = ends & (torch.arange(ended.shape[1], device=ended.device) == slots)
        ended[:, :-1] |= chosen.ended
        last = chosen.scores.new_full((len(chosen.scores), 1), -torch.inf)
        last[first] = score.masked_fill(~stray, -torch.inf)
        tokens, parents = torch.zeros_like(last, dtype=torch.int64), torch.zeros_like(last, dtype=torch.int64)
        tokens[first], parents[first] = token, slots
        return Chosen(
            torch.cat([chosen.scores, last], 1),
            torch.cat([chosen.tokens, tokens], 1),
            torch.cat([chosen.parents, parents], 1),
            ended,
        )

    def settle(self, live: Tensor) -> None:
        """Forget it where it cannot win: log-probabilities of all searches, (searches, slots of each)."""
        gone = live[:: self.groups].gather(1, self.slots.clamp_min(0)[:, None])[:, 0] == -torch.inf
        self.slots = self.slots.masked_fill(gone, -1)
