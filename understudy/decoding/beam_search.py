"""The loop of a beam search: one step of the network, what each hypothesis may become, what ends, what goes on."""

import dataclasses
from typing import Any

import torch
from torch import Tensor

from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.candidates import Candidates, Chosen, choose
from understudy.decoding.finished import Finished
from understudy.decoding.greedy import GreedyPath
from understudy.decoding.penalties import coverage_penalty, length_penalty
from understudy.decoding.request import Request
from understudy.decoding.rules import Rules
from understudy.decoding.trellis import Trellis
from understudy.errors import OptionError
from understudy.models.capabilities import Attends, Steps


class BeamSearch:
    """A search between two steps.

    A row's hypotheses stand in slots: `live` is a grid with the log-probability of each, -inf where a slot is empty.
    The network's batch holds the slots that are not empty, in order. With groups each row has several searches, one
    after the other; else a search is a row.

    Attributes:
        rows: the rows that are still searched: (rows,).
        live: (searches, slots of each), float64.
        slots: for each row of the batch its place in the grid, read row by row: (batch,).
        tokens: what the batch reads next: (batch,).
        finished: what has ended, of the rows that are still searched.
        done: what ended in rows that are not: their numbers, and their best.
        lost: numbers of rows whose greedy hypothesis was pruned.
        ends: for each step what ended in it, if that is to be kept: row in the batch, score, log-probability.

    Args:
        beat: scores that a row's hypotheses must surpass: (rows,); None: any.
        keep_ends: for a picture of the search.

    Raises:
        OptionError: required phrases do not fit.
    """

    def __init__(
        self,
        network: Steps,
        state: Any,
        request: Request,
        options: BeamOptions,
        *,
        beat: Tensor | None = None,
        keep_ends: bool = False,
    ) -> None:
        device = request.start.device
        self.network, self.request, self.options = network, request, options
        self.rows = torch.arange(len(request), device=device)
        searches = self.rows.repeat_interleave(options.groups)
        self.state = network.reorder(state, searches) if options.groups > 1 else state
        self.tokens = request.start[searches]
        self.live = torch.zeros(len(searches), 1, dtype=torch.float64, device=device)
        self.slots = torch.arange(len(searches), device=device)
        self.finished = Finished.none(len(searches), options.nbest, self.live)
        self.beat = torch.full_like(self.live[:, 0], -torch.inf) if beat is None else beat
        longest = request.max_lengths[searches] + (request.end is not None)
        self.least_cost = length_penalty(longest, options)  # the best that a length can do for what goes on
        self.done: list[tuple[Tensor, Finished]] = []
        self.lost: list[Tensor] = []
        self.rules = Rules(request, options)
        tracked = options.beam > 1 and not any(request.required)
        self.greedy = GreedyPath.begin(len(request), device) if tracked else None
        self.keep_ends = keep_ends
        self.ends: list[list[tuple[int, float, float]]] = []
        self.coverage: Tensor | None = None
        self.trellis = Trellis()
        self.trellis.add(self.slots, self.tokens, self.live.flatten())

    def run(self) -> None:
        """Until every row is done."""
        step = 0
        while len(self.rows):
            logits, self.state = self.network.step(self.tokens, self.state)
            self._look()
            last = self._of_searches(self.request.max_lengths[self.rows] <= step)
            found = self._candidates(logits, step, last)
            chosen = choose(found, self.options)
            ended = torch.where(last[:, None], found.ends > -torch.inf, chosen.ended)
            if self.greedy:
                ended |= self._greedy_ends(self.greedy, found, chosen)
            self.ends.append([])
            if ended.any():
                self._finish(found.ends, ended, step)
            self._go_on(chosen, last)
            step += 1

    def _of_searches(self, of_rows: Tensor) -> Tensor:
        return of_rows.repeat_interleave(self.options.groups) if self.options.groups > 1 else of_rows

    def _owners(self) -> Tensor:
        """The row that each row of the batch belongs to."""
        return self.rows[self.slots // (self.live.shape[1] * self.options.groups)]

    def _look(self) -> None:
        """Remember where the network looked, and how much each place has had."""
        seen = self.network.attention(self.state) if isinstance(self.network, Attends) else None
        if seen is not None:
            self.trellis.attention.append(seen)
        if not self.options.beta:
            return
        if seen is None:
            raise OptionError("beta, the coverage penalty, needs a network that attends to its source; leave beta at 0")
        if self.request.places is None:
            raise OptionError("beta, the coverage penalty, needs to know padding from source; give places")
        self.coverage = seen.double() if self.coverage is None else self.coverage + seen

    def _candidates(self, logits: Tensor, step: int, last: Tensor) -> Candidates:
        """The likeliest continuations of each slot, one more than the beam: the end may be among them."""
        logits = self.rules.penalised(logits.to(torch.promote_types(logits.dtype, torch.float32)))
        logs = logits.log_softmax(1)
        if self.rules.restrict:
            logs = self.rules.allowed(logs, self._owners(), step)
        values, tokens = logs.topk(min(self.options.beam + 1, logs.shape[1]))
        tied = (values[:, 1:2] == values[:, :1]).any(1)
        banks = None
        if self.rules.banks:
            values, tokens, banks = self.rules.banks.widened(logs, values, tokens)
        before = self.live.flatten()[self.slots]
        scores = before[:, None] + values
        end = self.request.end
        if end is None:
            ends = before.masked_fill(~last[self.slots // self.live.shape[1]], -torch.inf)
        else:
            ends = before + logs[:, end]
            scores = scores.masked_fill(tokens == end, -torch.inf)
        found = Candidates(tokens, scores, banks, ends, tied).on_grid(self.slots, *self.live.shape)
        # At its greatest length a hypothesis ends even if the network holds that impossible, where there is no other.
        stuck = last & (found.ends == -torch.inf).all(1) & (self.finished.scores[:, 0] == -torch.inf)
        return dataclasses.replace(found, ends=torch.where(stuck[:, None], self.live, found.ends))

    def _greedy_ends(self, greedy: GreedyPath, found: Candidates, chosen: Chosen) -> Tensor:
        """Whether a slot is the greedy hypothesis, and that ends: (searches, slots of each)."""
        first = slice(None, None, self.options.groups)
        token, ends = greedy.next(found.tokens[first, :, 0], found.tied[first], self.request.end)
        ended = torch.zeros_like(found.tied)
        ended[first][ends, greedy.slots[ends]] = True
        greedy.follow(token, ends, chosen.parents[first], chosen.tokens[first])
        return ended

    def _batch_rows(self) -> Tensor:
        """For each slot its row in the batch; 0 where it is empty: (searches, slots of each)."""
        numbers = torch.arange(len(self.slots), device=self.slots.device)
        if len(self.slots) < self.live.numel():
            numbers = torch.zeros_like(self.live, dtype=torch.int64).flatten().index_copy_(0, self.slots, numbers)
        return numbers.view_as(self.live)

    def _finish(self, log_probabilities: Tensor, ended: Tensor, step: int) -> None:
        """Keep what has ended, if it is good enough: (searches, slots of each)."""
        length = torch.tensor(step + (self.request.end is not None))
        scores = log_probabilities / length_penalty(length, self.options)
        if self.coverage is not None:
            assert self.request.places is not None
            places = self.request.places[self._owners()]
            penalties = coverage_penalty(self.coverage, places, self.options.beta)
            scores = scores + penalties[self._batch_rows()]
        rows = self._batch_rows()
        self.finished.add(scores.masked_fill(~ended, -torch.inf), log_probabilities, step, rows)
        if self.keep_ends:
            columns = (rows[ended].tolist(), scores[ended].tolist(), log_probabilities[ended].tolist())
            self.ends[step] = list(zip(*columns, strict=True))

    def _go_on(self, chosen: Chosen, last: Tensor) -> None:
        """Drop what cannot win and rows that are done; the rest is the next step's batch."""
        stop = last
        if self.options.beam == 1:
            stop = last | (self.finished.scores[:, 0] > -torch.inf)
        to_beat = torch.maximum(self.finished.worst, self.beat[:, None])
        possible = chosen.scores / self.least_cost[:, None] > to_beat  # what follows costs nothing at best
        live = chosen.scores.masked_fill(~possible | stop[:, None], -torch.inf)
        if self.greedy:
            self.greedy.settle(live[:: self.options.groups])
        numbers = self._batch_rows().gather(1, chosen.parents)
        searched = (live > -torch.inf).view(len(self.rows), -1).any(1)
        if not searched.all():
            self._retire(~searched)
            kept = self._of_searches(searched)
            live, numbers, tokens = live[kept], numbers[kept], chosen.tokens[kept]
        else:
            tokens = chosen.tokens
        self.live = live
        self.slots = (live.flatten() > -torch.inf).nonzero()[:, 0]
        parents, self.tokens = numbers.flatten()[self.slots], tokens.flatten()[self.slots]
        if len(self.rows):
            self._reorder(parents)

    def _reorder(self, parents: Tensor) -> None:
        self.state = self.network.reorder(self.state, parents)
        self.rules.follow(parents, self.tokens)
        if self.coverage is not None:
            self.coverage = self.coverage[parents]
        self.trellis.add(parents, self.tokens, self.live.flatten()[self.slots])

    def _retire(self, done: Tensor) -> None:
        """Put away rows that are not searched any more: (rows,), bool."""
        searches = self._of_searches(done)
        self.done.append((self.rows[done], self.finished.at(searches)))
        if self.greedy:
            self.lost.append(self.rows[done & self.greedy.lost])
            self.greedy = self.greedy.at(~done)
        self.rows, self.finished = self.rows[~done], self.finished.at(~searches)
        self.beat, self.least_cost = self.beat[~searches], self.least_cost[~searches]
