"""What a search has walked through, so that any hypothesis can be told from its last token back."""

from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass(frozen=True)
class Hypothesis:
    """A sequence that the search came to.

    Attributes:
        tokens: without the start and the end.
        score: what hypotheses are ranked by: the log-probability over the length penalty, plus the coverage penalty.
        log_probability: of the tokens and the end, in nats; after the repetition penalty, where there is one.
        attention: where the network looked, a row for each token and one for the end: (steps, places). None if it
            attends to nothing.
    """

    tokens: tuple[int, ...]
    score: float
    log_probability: float
    attention: Tensor | None = None


@dataclass
class Trellis:
    """The batch at each step: where each of its rows came from, and what it read.

    Attributes:
        parents: for each step, the rows' numbers in the step before: (batch,) each.
        tokens: for each step, what the rows read; at the first, the start: (batch,) each.
        scores: for each step, the rows' log-probabilities before they are asked for more: (batch,) each.
        attention: for each step, where the rows looked: (batch, places) each; empty if the network does not attend.
    """

    parents: list[Tensor] = field(default_factory=list)
    tokens: list[Tensor] = field(default_factory=list)
    scores: list[Tensor] = field(default_factory=list)
    attention: list[Tensor] = field(default_factory=list)

    def add(self, parents: Tensor, tokens: Tensor, scores: Tensor) -> None:
        """One more step."""
        self.parents.append(parents)
        self.tokens.append(tokens)
        self.scores.append(scores)

    def __len__(self) -> int:
        return len(self.parents)


@dataclass(frozen=True)
class Told:
    """A trellis that is complete, as lists: fast to walk."""

    parents: list[list[int]]
    tokens: list[list[int]]
    attention: list[Tensor]

    @classmethod
    def of(cls, trellis: Trellis) -> "Told":
        """One transfer for each step."""
        parents, tokens = ([step.tolist() for step in steps] for steps in (trellis.parents, trellis.tokens))
        return cls(parents, tokens, trellis.attention)

    def path(self, step: int, row: int) -> list[int]:
        """The rows, one of each step, that lead to this row of step `step`."""
        rows = [row]
        for before in range(step, 0, -1):
            rows.append(self.parents[before][rows[-1]])
        return rows[::-1]

    def hypothesis(
        self, step: int, row: int, score: float, log_probability: float, ended: bool, places: int | None
    ) -> Hypothesis:
        """What was written when this row of step `step` ended.

        Args:
            ended: whether by a token of its own.
            places: of the source; None: all that there are.
        """
        path = self.path(step, row)
        tokens = tuple(self.tokens[at][path[at]] for at in range(1, step + 1))
        looks = [self.attention[at][path[at], :places] for at in range(step + ended)] if self.attention else None
        return Hypothesis(tokens, score, log_probability, None if looks is None else torch.stack(looks))
