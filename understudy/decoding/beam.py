"""Beam search, many sources at once: one step of the network for each position, for all hypotheses of all rows."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from understudy.data.heap import keep_memory
from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.beam_search import BeamSearch
from understudy.decoding.request import Request, requested
from understudy.decoding.tree import tree_of
from understudy.decoding.trellis import Hypothesis, Told
from understudy.errors import RunError
from understudy.layers.linear import weights_laid_out_once
from understudy.models.capabilities import Steps


def search(
    network: Steps,
    state: Any,
    rows: int,
    *,
    start: int | Tensor,
    end: int | None,
    max_lengths: int | Sequence[int] | Tensor,
    options: BeamOptions = BeamOptions(),  # noqa: B008
    prefixes: Sequence[Sequence[int]] | None = None,
    required: Sequence[Sequence[Sequence[int]]] | None = None,
    places: Sequence[int] | Tensor | None = None,
    trees: list[dict[str, Any]] | None = None,
) -> list[list[Hypothesis]]:
    """The best hypotheses of each row, best first: at least one, at most `nbest`, no two alike.

    A hypothesis that has ended is kept apart, and those that go on keep all slots of the beam. A row is done when
    nothing that goes on can still beat the worst hypothesis that is to be returned, even if all that follows were
    certain; from then on it costs nothing. At its greatest length a hypothesis is ended, at the price that the network
    asks for it.

    A beam of one is greedy search: it ends with the first end. Without `required` or `early_stop`, a wider one never
    returns less than greedy search does: where the greedy hypothesis falls out of the beam, it goes on beside it.

    Args:
        state: the network's state of `rows` rows that have read nothing yet.
        start: the first token that is read; one for each row, or for all.
        end: the token that ends a hypothesis; None: each is as long as it may be.
        max_lengths: tokens that a hypothesis may have, the end apart; one for each row, or for all.
        prefixes: for each row, tokens that its hypotheses begin with.
        required: for each row, phrases that its hypotheses contain.
        places: for each row, the places of its source; attention to what lies behind them is to padding. A coverage
            penalty needs them.
        trees: a list to which each row's search tree is added, as `decoding.tree` describes it.

    Raises:
        OptionError: lengths, prefixes or phrases that cannot be met; a coverage penalty without attention or
            `places`.
        RunError: the network's logits are not finite, or forbid what is asked for.
    """
    if not rows:
        return []
    request = requested(
        rows,
        _device(network),
        start=start,
        end=end,
        max_lengths=max_lengths,
        prefixes=prefixes,
        required=required,
        places=places,
        min_length=options.min_length,
    )
    if request.start.device.type == "cpu":
        keep_memory()  # each step gathers the state anew: 18 ms for what a source left in 450 rows, 2 where it was kept
    with torch.no_grad(), weights_laid_out_once():
        return _searched(network, state, request, options, trees)


def _searched(
    network: Steps, state: Any, request: Request, options: BeamOptions, trees: list[dict[str, Any]] | None
) -> list[list[Hypothesis]]:
    beam = BeamSearch(network, state, request, options, keep_ends=trees is not None)
    beam.run()
    found = told(beam)
    for row, hypotheses in enumerate(found):
        if not hypotheses:
            raise RunError(
                f"row {row}: no hypothesis is possible; the network's logits are not finite, or -inf for what is forced"
            )
    if trees is not None:
        trees.extend(tree_of(beam, row, hypotheses) for row, hypotheses in enumerate(found))
    return found


def told(beam: BeamSearch) -> list[list[Hypothesis]]:
    """What a search that has run found for each row, best first."""
    told = Told.of(beam.trellis)
    ended = beam.request.end is not None
    found: list[list[Hypothesis]] = [[] for _ in range(len(beam.request))]
    for rows, finished in beam.done:
        for row, entries in zip(rows.tolist(), finished.entries(len(rows)), strict=True):
            places = None if beam.request.places is None else int(beam.request.places[row])
            found[row] = best([told.hypothesis(*entry, ended, places) for entry in entries], beam.options.nbest)
    return found


def best(hypotheses: list[Hypothesis], count: int) -> list[Hypothesis]:
    """The best so many, no two alike."""
    ranked = sorted(hypotheses, key=lambda it: it.score, reverse=True)
    unlike = {it.tokens: it for it in reversed(ranked)}
    return sorted(unlike.values(), key=lambda it: it.score, reverse=True)[:count]


def _device(network: Steps) -> torch.device:
    parameter = next(network.parameters(), None) if isinstance(network, nn.Module) else None
    return torch.device("cpu") if parameter is None else parameter.device
