"""Sentences written from sources, by beam search."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from understudy.data.sentences import END, START
from understudy.decoding.beam import search
from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.request import Phrases
from understudy.decoding.trellis import Hypothesis
from understudy.models.capabilities import WritesFrom

ROWS = 500
"""Hypotheses that take a step together: enough to keep the processor busy, few enough for small memories."""


@dataclass(frozen=True)
class Wanted:
    """What every sentence must have: tokens that it begins with, and phrases that it contains."""

    prefix: tuple[int, ...] = ()
    phrases: Phrases = ()

    @property
    def length(self) -> int:
        """As many tokens hold all of it."""
        return len(self.prefix) + sum(map(len, self.phrases))


def written_from(
    network: WritesFrom,
    x: Tensor,
    max_lengths: int | Tensor,
    options: BeamOptions,
    *,
    wanted: Wanted = Wanted(),
    places: Tensor | None = None,
    trees: list[dict[str, Any]] | None = None,
) -> list[list[Hypothesis]]:
    """The best hypotheses of each source, best first.

    Args:
        max_lengths: tokens that a sentence may have; for each source, or for all. There is room for what is wanted and
            for `min_length` in any case.
        places: of each source, those that are no padding; None: all.
        trees: a list to which each source's search tree is added, as `decoding.tree` describes it.

    Shapes: (batch, *spec.shape)
    """
    with torch.no_grad():
        return search(
            network,
            network.begin(x),
            len(x),
            start=START,
            end=END,
            max_lengths=torch.as_tensor(max_lengths).clamp_min(max(options.min_length, wanted.length)),
            options=options,
            prefixes=[wanted.prefix] * len(x),
            required=[wanted.phrases] * len(x),
            places=places,
            trees=trees,
        )


def together(options: BeamOptions) -> int:
    """Sources that are read together."""
    return max(1, ROWS // options.beam)
