"""Sentences written about pictures, by beam search."""

from typing import Any

import torch
from torch import Tensor

from understudy.data.captions import CaptionItems
from understudy.data.sentences import END, START
from understudy.data.spec import CaptionSpec
from understudy.decoding.beam import search
from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.trellis import Hypothesis
from understudy.models.capabilities import WritesFrom

ROWS = 1000
"""Hypotheses that take a step together."""


def caption(
    network: WritesFrom,
    x: Tensor,
    spec: CaptionSpec,
    options: BeamOptions = BeamOptions(),  # noqa: B008
    trees: list[dict[str, Any]] | None = None,
) -> list[list[Hypothesis]]:
    """The best hypotheses for each picture, best first.

    Args:
        trees: a list to which each picture's search tree is added, as `decoding.tree` describes it.

    Shapes: (batch, *spec.shape)
    """
    with torch.no_grad():
        return search(
            network,
            network.begin(x),
            len(x),
            start=START,
            end=END,
            max_lengths=spec.target.longest,
            options=options,
            trees=trees,
        )


def caption_items(
    network: WritesFrom,
    items: CaptionItems,
    spec: CaptionSpec,
    options: BeamOptions = BeamOptions(),  # noqa: B008
) -> list[str]:
    """The best caption of every item of a split, in its order."""
    parts = torch.arange(len(items)).split(max(1, ROWS // options.beam))
    found = [best for part in parts for best in caption(network, items.take(part).x, spec, options)]
    return [spec.target.decode(hypotheses[0].tokens) for hypotheses in found]
