"""Phrases that a hypothesis must contain, followed token by token.

Reference:
    Post and Vilar, 2018, Fast Lexically Constrained Decoding with Dynamic Beam Allocation, arXiv:1804.06609: hypotheses
    compete with those that have as much of the phrases as they have, in banks.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from understudy.decoding.request import Phrases


@dataclass(frozen=True)
class Progress:
    """How far a hypothesis is.

    Attributes:
        missing: phrases that it does not contain yet.
        tail: its end, as far as one of these begins with it.
    """

    missing: Phrases
    tail: tuple[int, ...] = ()

    @property
    def need(self) -> int:
        """So many tokens are enough to have all phrases."""
        return sum(map(len, self.missing)) - len(self.tail)

    @property
    def useful(self) -> set[int]:
        """Tokens that go on with a phrase, or begin one."""
        return {
            phrase[length]
            for phrase in self.missing
            for length in range(len(phrase))
            if self.tail[len(self.tail) - length :] == phrase[:length]
        }

    def after(self, token: int) -> "Progress":
        """The same with one more token."""
        text = (*self.tail, token)
        missing = tuple(phrase for phrase in self.missing if text[-len(phrase) :] != phrase)
        tails = (text[begin:] for begin in range(len(text) + 1))
        return Progress(
            missing, next(tail for tail in tails if any(phrase[: len(tail)] == tail for phrase in missing) or not tail)
        )


@dataclass
class Banks:
    """What each hypothesis of a batch has of its phrases, and which tokens bring it on.

    Attributes:
        progress: of each row of the batch.
        end: the token that no hypothesis may take while it lacks something.
    """

    progress: list[Progress]
    end: int | None
    _after: dict[tuple[Progress, int], Progress] = field(default_factory=dict)

    def after(self, progress: Progress, token: int) -> Progress:
        """`progress.after(token)`, remembered."""
        key = (progress, token)
        if key not in self._after:
            self._after[key] = progress.after(token)
        return self._after[key]

    def follow(self, parents: Tensor, tokens: Tensor) -> None:
        """Go on with the batch whose row n is row parents[n] of this one, having read tokens[n]."""
        pairs = zip(parents.tolist(), tokens.tolist(), strict=True)
        self.progress = [self.after(self.progress[parent], token) for parent, token in pairs]

    def barred(self, room: Tensor, vocabulary: int) -> Tensor:
        """Tokens after which the phrases would no longer fit, and an end too early.

        Args:
            room: tokens that each row may still write: (batch,).

        Shapes: -> (batch, vocabulary), bool
        """
        barred = torch.zeros(len(self.progress), vocabulary, dtype=torch.bool)
        for row, (progress, left) in enumerate(zip(self.progress, room.tolist(), strict=True)):
            if not progress.missing:
                continue
            if Progress(progress.missing).need > left - 1:
                barred[row] = True
                fitting = [token for token in progress.useful if self.after(progress, token).need <= left - 1]
                barred[row, fitting] = False
            if self.end is not None:
                barred[row, self.end] = True
        return barred.to(room.device)

    def useful(self, vocabulary: int) -> Tensor:
        """Tokens that go on with a phrase, or begin one: -> (batch, vocabulary), bool."""
        useful = torch.zeros(len(self.progress), vocabulary, dtype=torch.bool)
        for row, progress in enumerate(self.progress):
            useful[row, list(progress.useful)] = True
        return useful

    def widened(self, logs: Tensor, values: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Likely tokens and useful ones, their log-probabilities, and the bank of each: how much is lacking, negative.

        Args:
            values: log-probabilities of the likely tokens, and `tokens` their numbers: (batch, count) both.

        Shapes: logs (batch, vocabulary) -> (batch, count + most) three times; -inf where fewer are useful
        """
        useful = [sorted(progress.useful) for progress in self.progress]
        most = max(map(len, useful))
        spare = [most - len(row) for row in useful]
        extra = torch.tensor([row + [-1] * left for row, left in zip(useful, spare, strict=True)], device=tokens.device)
        extra = extra.view(len(useful), most).long()
        banks = [
            [-Progress(progress.missing).need] * tokens.shape[1]
            + [-self.after(progress, token).need for token in row]
            + [0] * left
            for progress, row, left in zip(self.progress, useful, spare, strict=True)
        ]
        twice = (tokens[:, :, None] == extra[:, None, :]).any(-1)
        found = logs.gather(1, extra.clamp_min(0)).masked_fill(extra < 0, -torch.inf)
        return (
            torch.cat([values.masked_fill(twice, -torch.inf), found], 1),
            torch.cat([tokens, extra.clamp_min(0)], 1),
            torch.tensor(banks, device=tokens.device),
        )


def in_turns(scores: Tensor, banks: Tensor, count: int) -> Tensor:
    """Places of the `count` candidates to keep: each bank's best, then each bank's second, and so on.

    A bank with fewer candidates than its share leaves the rest to others.

    Shapes: scores and banks (searches, candidates) -> (searches, count)
    """
    order = scores.argsort(stable=True, dim=-1, descending=True)
    sorted_banks = banks.gather(1, order)
    alike = sorted_banks[:, :, None] == sorted_banks[:, None, :]
    turn = alike.tril().sum(-1)  # how many of the bank are at least as good
    turn = turn.masked_fill(scores.gather(1, order) == -torch.inf, scores.shape[1] + 1)
    return order.gather(1, turn.argsort(stable=True, dim=-1))[:, :count]
