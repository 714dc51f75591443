"""Sentences written from sentences, by beam search."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from understudy.data.pairs import PairItems
from understudy.data.sentences import PADDING
from understudy.data.spec import PairSpec
from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.from_source import Wanted, together, written_from
from understudy.decoding.trellis import Hypothesis
from understudy.models.capabilities import Translates, WritesFrom


def limits(places: Tensor, spec: PairSpec) -> Tensor:
    """Tokens that a translation may have: as many as the longest training target, or more for a longer source.

    For a shorter one no more than any training target had beyond its source: how long a hypothesis may still become is
    what the search has to wait for.

    Shapes: places of each source (batch,) -> (batch,)
    """
    most = (spec.target.longest * (places / spec.source.longest).clamp_min(1)).ceil().long()
    return most if spec.surplus is None else most.minimum(places + spec.surplus)


def translate(
    network: WritesFrom,
    x: Tensor,
    spec: PairSpec,
    options: BeamOptions = BeamOptions(),  # noqa: B008
    wanted: Wanted = Wanted(),  # noqa: B008
    trees: list[dict[str, Any]] | None = None,
) -> list[list[Hypothesis]]:
    """The best hypotheses of each source, best first, as `written_from`; attention has a column for each of its tokens.

    Shapes: (batch, time), int64, filled up with `PADDING`
    """
    places = (x != PADDING).sum(1)
    return written_from(network, x, limits(places, spec), options, wanted=wanted, places=places, trees=trees)


def translate_items(
    network: WritesFrom,
    items: PairItems,
    spec: PairSpec,
    options: BeamOptions = BeamOptions(),  # noqa: B008
) -> list[list[Hypothesis]]:
    """The same for every item of a split, in its order; sources of like length are read together."""
    found: dict[int, list[Hypothesis]] = {}
    for index in items.by_length(together(options)):
        hypotheses = translate(network, items.take(index).x, spec, options)
        found.update(zip(index.tolist(), hypotheses, strict=True))
    return [found[position] for position in range(len(items))]


def translate_texts(
    network: Translates,
    texts: Sequence[str],
    spec: PairSpec,
    options: BeamOptions = BeamOptions(),  # noqa: B008
    wanted: Wanted = Wanted(),  # noqa: B008
    trees: list[dict[str, Any]] | None = None,
) -> list[list[Hypothesis]]:
    """The same for sentences as they are written."""
    size = together(options)
    parts = [network.sources(texts[first : first + size]) for first in range(0, len(texts), size)]
    return [found for part in parts for found in translate(network, part, spec, options, wanted, trees)]
