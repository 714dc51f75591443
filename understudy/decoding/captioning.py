"""Sentences written about pictures, by beam search."""

import math
from typing import Any

import torch
from torch import Tensor

from understudy.data.captions import CaptionItems
from understudy.data.spec import CaptionSpec
from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.from_source import Wanted, together, written_from
from understudy.decoding.trellis import Hypothesis
from understudy.models.capabilities import Captions


def caption(
    network: Captions,
    x: Tensor,
    spec: CaptionSpec,
    options: BeamOptions = BeamOptions(),  # noqa: B008
    wanted: Wanted = Wanted(),  # noqa: B008
    trees: list[dict[str, Any]] | None = None,
) -> list[list[Hypothesis]]:
    """The best hypotheses for each picture, best first, as `written_from`: (batch, *spec.shape)."""
    places = torch.full((len(x),), math.prod(network.grid()))
    return written_from(network, x, spec.target.longest, options, wanted=wanted, places=places, trees=trees)


def caption_items(
    network: Captions,
    items: CaptionItems,
    spec: CaptionSpec,
    options: BeamOptions = BeamOptions(),  # noqa: B008
) -> list[str]:
    """The best caption of every picture of a split, in the order of `items.x`."""
    parts = torch.arange(len(items.x)).split(together(options))
    found = [best for part in parts for best in caption(network, items.look(part), spec, options)]
    return [spec.target.decode(hypotheses[0].tokens) for hypotheses in found]
