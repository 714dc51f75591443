"""What each hypothesis may become in the next step, and which of these go on."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.required import in_turns


@dataclass(frozen=True)
class Candidates:
    """The likeliest next tokens of each row of a batch, or of each slot of each search.

    Attributes:
        tokens: (..., count).
        scores: log-probabilities of the hypotheses with them; -inf for the end, and where there is none: (..., count).
        banks: how much each has of the required phrases, if there are any: (..., count).
        ends: log-probability of the hypothesis if it ends here; -inf where it must not: (...).
        best: the likeliest token, the end included; perhaps None where no greedy hypothesis is followed: (...).
        best_scores: log-probability of the hypothesis with it, or None: (...).
        parents: where the candidates are those of whole searches, the slot that each comes from: (searches, count).
    """

    tokens: Tensor
    scores: Tensor
    banks: Tensor | None
    ends: Tensor
    best: Tensor | None
    best_scores: Tensor | None
    parents: Tensor | None = None

    def on_grid(self, slots: Tensor, searches: int, width: int) -> "Candidates":
        """From rows of a batch to slots: (batch, ...) -> (searches, width, ...), with -inf where a slot is empty."""
        return self.each(lambda values, empty: spread(values, slots, searches, width, empty))

    def without_last(self) -> "Candidates":
        """Without the last slot of each search."""
        if self.parents is not None:  # which has nothing among the candidates
            return dataclasses.replace(self, ends=self.ends[:, :-1])
        return self.at(slice(None), slice(-1))

    def at(self, searches: slice, slots: slice = slice(None)) -> "Candidates":
        """Those of these searches and slots."""
        return self.each(lambda values, _: values[searches, slots])

    def each(self, change: Callable[[Tensor, float], Tensor]) -> "Candidates":
        """All of it changed in the same way, by a function of the values and of what an empty slot holds."""
        return Candidates(
            change(self.tokens, 0),
            change(self.scores, -torch.inf),
            None if self.banks is None else change(self.banks, 0),
            change(self.ends, -torch.inf),
            None if self.best is None else change(self.best, 0),
            None if self.best_scores is None else change(self.best_scores, -torch.inf),
        )


@dataclass(frozen=True)
class Chosen:
    """Which candidates go on, and which hypotheses end.

    Shapes: scores, tokens and parents (searches, slots of the next step); ended (searches, slots of this one).

    Attributes:
        parents: the slot that each comes from.
        ended: hypotheses whose end is as good as what goes on.
    """

    scores: Tensor
    tokens: Tensor
    parents: Tensor
    ended: Tensor


def choose(found: Candidates, options: BeamOptions) -> Chosen:
    """The best of each search; with groups, each group's best given what those before it chose.

    An end counts if it is among the best `beam` continuations, ends included; it takes no slot from those that go on.

    Shapes: candidates (searches, slots, count), the groups of a row one after the other; or those of whole searches,
        (searches, beam), best first
    """
    if found.parents is not None:
        return Chosen(found.scores, found.tokens, found.parents, _ended(found.scores, found.ends, None, options.beam))
    if options.groups == 1:
        return _best(found, found.scores, options.beam)
    taken = found.tokens.new_empty(len(found.tokens) // options.groups, 0)
    parts: list[Chosen] = []
    for group in range(options.groups):
        mine = found.at(slice(group, None, options.groups))
        chosen = _best(mine, diversified(mine, taken, options.diversity), options.beam // options.groups)
        taken = torch.cat([taken, chosen.tokens.masked_fill(chosen.scores == -torch.inf, -1)], 1)
        parts.append(chosen)
    return Chosen(
        *(torch.stack([getattr(part, it.name) for part in parts], 1).flatten(0, 1) for it in dataclasses.fields(Chosen))
    )


def diversified(found: Candidates, taken: Tensor, diversity: float) -> Tensor:
    """Scores less what each token costs that earlier groups took.

    Shapes: taken (rows, count), -1 where it is none -> as `found.scores`

    Reference:
        Vijayakumar et al., 2018, arXiv:1610.02424, eq. 5, with the Hamming diversity of section 5.
    """
    times = (found.tokens[..., None] == taken[:, None, None, :]).sum(-1)
    return found.scores - diversity * times


def _best(found: Candidates, ranked_by: Tensor, width: int) -> Chosen:
    ranked = ranked_by.flatten(1)
    banks = None if found.banks is None else found.banks.flatten(1)
    index = _first(ranked, banks, width)
    return Chosen(
        found.scores.flatten(1).gather(1, index),
        found.tokens.flatten(1).gather(1, index),
        index // ranked_by.shape[2],
        _ended(ranked, found.ends, banks, width),
    )


def _ended(ranked: Tensor, ends: Tensor, banks: Tensor | None, width: int) -> Tensor:
    """Which ends are among the best so many of what goes on and what ends: (searches, slots)."""
    slots = ends.shape[1]
    with_ends = torch.cat([ranked, ends], 1)
    if banks is not None:  # whatever may end has all
        banks = torch.cat([banks, torch.zeros_like(banks[:, :slots])], 1)
    first = torch.zeros_like(with_ends, dtype=torch.bool).scatter_(1, _first(with_ends, banks, width), True)
    return first[:, -slots:] & (ends > -torch.inf)


def _first(scores: Tensor, banks: Tensor | None, count: int) -> Tensor:
    count = min(count, scores.shape[1])
    return scores.topk(count).indices if banks is None else in_turns(scores, banks, count)


def spread(values: Tensor, slots: Tensor, searches: int, width: int, empty: float) -> Tensor:
    """From rows of a batch to slots, with `empty` where there is none: (batch, ...) -> (searches, width, ...)."""
    if len(slots) < searches * width:
        values = values.new_full((searches * width, *values.shape[1:]), empty).index_copy_(0, slots, values)
    return values.view(searches, width, *values.shape[1:])
