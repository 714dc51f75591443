"""The loop of a beam search: one step of the network, what each hypothesis may become, what ends, what goes on."""

import dataclasses
from typing import Any

import torch
from torch import Tensor

from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.candidates import Candidates, Chosen, choose, spread
from understudy.decoding.finished import Finished
from understudy.decoding.greedy import GreedyPath
from understudy.decoding.likeliest import likeliest, peaks, together
from understudy.decoding.penalties import coverage_penalty, length_penalty
from understudy.decoding.request import Request
from understudy.decoding.rules import Rules
from understudy.decoding.trellis import Trellis
from understudy.errors import OptionError
from understudy.models.capabilities import Attends, Steps

MANY = 2_000
"""Tokens from which the likeliest are found for a whole search at once: 500 rows of 6000 took 0.7 ms, apart 3.3."""


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
        ends: for each step what ended in it, if that is to be kept: row in the batch, score, log-probability.

    Args:
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
        keep_ends: bool = False,
    ) -> None:
        device = request.start.device
        self.network, self.request, self.options = network, request, options
        self.rows = torch.arange(len(request), device=device)
        searches = self.rows.repeat_interleave(options.groups)
        self.state = network.reorder(state, searches) if options.groups > 1 else state
        self.tokens = request.start[searches]
        followed = options.beam > 1 and not options.early_stop and not any(request.required)
        self.greedy = GreedyPath.begin(len(request), options.groups, request.end, device) if followed else None
        self.live = torch.zeros(len(searches), 1 + followed, dtype=torch.float64, device=device)
        self.live[:, 1:] = -torch.inf
        self.slots = torch.arange(len(searches), device=device) * (1 + followed)
        self.finished = Finished.none(len(searches), options.nbest, self.live)
        longest = request.max_lengths[searches] + (request.end is not None)
        self.least_cost = length_penalty(longest, options)  # the best that a length can do for what goes on
        self.done: list[tuple[Tensor, Finished]] = []
        self.rules = Rules(request, options)
        self.jointly = options.beam > 1 and options.groups == 1 and not self.rules.banks
        self.attends = network if isinstance(network, Attends) else None
        self.keep_ends = keep_ends
        self.ends: list[list[tuple[int, float, float]]] = []
        self.coverage: Tensor | None = None
        self.trellis = Trellis()
        self.trellis.add(self.slots, self.tokens, self.live[:, 0])

    def run(self) -> None:
        """Until every row is done."""
        step = 0
        while len(self.rows):
            logits, self.state = self.network.step(self.tokens, self.state)
            self._look()
            last = self._of_searches(self.request.max_lengths[self.rows] <= step)
            found = self._candidates(logits, step, last)
            chosen = self._chosen(found)
            ended = torch.where(last[:, None], found.ends > -torch.inf, chosen.ended)
            self.ends.append([])
            if ended.any():
                self._finish(found.ends, ended, step)
            self._go_on(chosen, last, step)
            step += 1

    def _of_searches(self, of_rows: Tensor) -> Tensor:
        return of_rows.repeat_interleave(self.options.groups) if self.options.groups > 1 else of_rows

    def _owners(self) -> Tensor:
        """The row that each row of the batch belongs to."""
        return self.rows[self.slots // (self.live.shape[1] * self.options.groups)]

    def _look(self) -> None:
        """Remember where the network looked, and how much each place has had."""
        seen = self.attends.attention(self.state) if self.attends else None
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
        """The likeliest continuations."""
        logits = self.rules.penalised(logits.to(torch.promote_types(logits.dtype, torch.float32)))
        logs = torch.log_softmax(logits, 1, out=logits)  # in place: the search is the only one who has them
        if self.rules.restrict:
            logs = self.rules.allowed(logs, self._owners(), step)
        found = self._jointly(logs, last) if self.jointly and logs.shape[1] >= MANY else self._of_each(logs, last)
        if not last.any():
            return found
        # At its greatest length a hypothesis ends even if the network holds that impossible, where there is no other.
        stuck = last & (found.ends == -torch.inf).all(1) & (self.finished.scores[:, 0] == -torch.inf)
        return dataclasses.replace(found, ends=torch.where(stuck[:, None], self.live, found.ends))

    def _of_each(self, logs: Tensor, last: Tensor) -> Candidates:
        """The likeliest continuations of each slot, one more than the beam: the end may be among them."""
        values, tokens, best = self._likeliest(logs)
        best_values = values[:, 0]
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
        found = Candidates(tokens, scores, banks, ends, best, before + best_values)
        return found.on_grid(self.slots, *self.live.shape)

    def _jointly(self, logs: Tensor, last: Tensor) -> Candidates:
        """The likeliest continuations of each search: the same in the end, where no rule asks for each slot's."""
        before, end = self.live.flatten()[self.slots], self.request.end
        ends = before.masked_fill(~last[self.slots // self.live.shape[1]], -torch.inf)
        if end is not None:
            of_end = logs[:, end].clone()
            ends = before + of_end
            logs[:, end] = -torch.inf
        tops = peaks(logs)
        kept = slice(-1 if self.greedy else None)
        scores, tokens, parents = together(
            logs, tops, before, self._batch_rows()[:, kept], self.live[:, kept] > -torch.inf, self.options.beam
        )
        searches, width = self.live.shape
        best = best_scores = None
        if self.greedy:
            value, best = likeliest(logs, tops)
            if end is not None:
                ending = (of_end > value) | ((of_end == value) & (best > end))
                best, value = best.masked_fill(ending, end), torch.maximum(of_end, value)
            best, best_scores = (
                spread(best, self.slots, searches, width, 0),
                spread(before + value, self.slots, searches, width, -torch.inf),
            )
        ends = spread(ends, self.slots, searches, width, -torch.inf)
        return Candidates(tokens, scores, None, ends, best, best_scores, parents)

    def _likeliest(self, logs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The likeliest tokens, and the likeliest one: of several that are as likely the first.

        Shapes: (batch, vocabulary) -> values and tokens (batch, count), best (batch,)
        """
        if self.options.beam == 1:
            tokens = logs.argmax(1, keepdim=True)
            return logs.gather(1, tokens), tokens, tokens[:, 0]
        values, tokens = logs.topk(min(self.options.beam + 1, logs.shape[1]))
        best, tied = tokens[:, 0], (values[:, 1:2] == values[:, :1]).any(1)
        if tied.any():
            best = best.clone()
            best[tied] = logs[tied].argmax(1)
        return values, tokens, best

    def _chosen(self, found: Candidates) -> Chosen:
        """What goes on and what ends; in a beam of one it ends if nothing is likelier, not even as likely and first."""
        if self.greedy:
            return self.greedy.follow(found, choose(found.without_last(), self.options))
        chosen = choose(found, self.options)
        if self.options.beam == 1 and self.request.end is not None:
            return dataclasses.replace(chosen, ended=chosen.ended & (found.best == self.request.end))
        return chosen

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

    def _go_on(self, chosen: Chosen, last: Tensor, step: int) -> None:
        """Drop what cannot win and rows that are done; the rest is the next step's batch."""
        stop = last
        if self.options.beam == 1:
            stop = last | (self.finished.scores[:, 0] > -torch.inf)
        possible = chosen.scores / self._cost(step) > self.finished.worst
        live = chosen.scores.masked_fill(~possible | stop[:, None], -torch.inf)
        if self.greedy:
            self.greedy.settle(live)
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

    def _cost(self, step: int) -> Tensor:
        """The length penalty of what goes on: the best that its length can come to, as if what follows were certain."""
        if not self.options.early_stop:
            return self.least_cost[:, None]
        length = step + 1 + (self.request.end is not None)
        return length_penalty(torch.tensor([[length]], device=self.live.device), self.options)

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
            self.greedy.slots = self.greedy.slots[~done]
        self.rows, self.finished = self.rows[~done], self.finished.at(~searches)
        self.least_cost = self.least_cost[~searches]
