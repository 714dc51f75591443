"""Sentences written about pictures, by beam search."""

from typing import Any

import torch
from torch import Tensor

from understudy.data.captions import CaptionItems
from understudy.data.spec import CaptionSpec
from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.from_source import together, written_from
from understudy.decoding.trellis import Hypothesis
from understudy.models.capabilities import WritesFrom


def caption(
    network: WritesFrom,
    x: Tensor,
    spec: CaptionSpec,
    options: BeamOptions = BeamOptions(),  # noqa: B008
    trees: list[dict[str, Any]] | None = None,
) -> list[list[Hypothesis]]:
    """The best hypotheses for each picture, best first, as `written_from`: (batch, *spec.shape)."""
    return written_from(network, x, spec.target.longest, options, trees=trees)


def caption_items(
    network: WritesFrom,
    items: CaptionItems,
    spec: CaptionSpec,
    options: BeamOptions = BeamOptions(),  # noqa: B008
) -> list[str]:
    """The best caption of every picture of a split, in the order of `items.x`."""
    parts = torch.arange(len(items.x)).split(together(options))
    found = [best for part in parts for best in caption(network, items.look(part), spec, options)]
    return [spec.target.decode(hypotheses[0].tokens) for hypotheses in found]
