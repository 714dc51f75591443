"""Is a sentence translated as it should be?"""

import math
from collections.abc import Sequence
from typing import Any, cast

from understudy.data.batches import at_once, in_order
from understudy.data.dataset import Dataset
from understudy.data.pairs import PairItems
from understudy.data.spec import PairSpec
from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.translation import translate_items
from understudy.evaluation.nearest import nearest
from understudy.models.capabilities import Translates

BEAM = 5
Texts = Sequence[str]


def score_translation(network: Translates, data: Dataset, *, seed: int) -> dict[str, float]:
    """Exact match, BLEU and chrF of beam search on the test split, and nats per token; beside them greedy search.

    The baselines copy the source, and give the target of the training source that has most words, or parts of words,
    in common with it.
    """
    items, spec = cast(PairItems, data.test), cast(PairSpec, data.spec)
    sources, targets = sides(items)
    nats = cross_entropy(network, data)
    scores = {
        **compared(written(network, items, spec, BEAM), targets),
        "nats_per_token": nats,
        "perplexity": math.exp(nats),
    }
    baselines = {
        "greedy": written(network, items, spec, 1),
        "copy": sources,
        "nearest": nearest(sides(cast(PairItems, data.train)), sources),
    }
    for name, texts in baselines.items():
        scores |= {f"{name}_{metric}": value for metric, value in compared(texts, targets).items()}
    return scores


def sides(items: PairItems) -> tuple[list[str], list[str]]:
    """Sources and targets as they were written."""
    return [source for source, _ in items.written], [target for _, target in items.written]


def cross_entropy(network: Any, data: Dataset) -> float:
    """Nats per test token, the ends included, each after the true ones before it."""
    total, count = 0.0, 0
    for batch in in_order(data.test, at_once(data.spec)):
        total += network.loss(batch)["loss"].item() * len(batch)
        count += len(batch)
    return total / count


def written(network: Translates, items: PairItems, spec: PairSpec, beam: int) -> list[str]:
    """The best translation of every item."""
    found = translate_items(network, items, spec, BeamOptions(beam=beam))
    return [spec.target.decode(hypotheses[0].tokens) for hypotheses in found]


def compared(texts: Texts, targets: Texts) -> dict[str, float]:
    """Scores of texts against what they should be; BLEU only where a target has the four words that it goes by."""
    return compared_to_any(texts, [(target,) for target in targets])


def compared_to_any(texts: Texts, targets: Sequence[tuple[str, ...]]) -> dict[str, float]:
    """The same where there are several things that a text may be."""
    from sacrebleu.metrics import BLEU, CHRF

    most = max(map(len, targets))
    references = [[some[place] if place < len(some) else None for some in targets] for place in range(most)]
    scores = {"exact_match": sum(text in some for text, some in zip(texts, targets, strict=True)) / len(targets)}
    if any(len(target.split()) >= 4 for some in targets for target in some):
        scores["bleu"] = BLEU().corpus_score(list(texts), references).score
    return scores | {"chrf": CHRF().corpus_score(list(texts), references).score}


def signatures() -> str:
    """How sacreBLEU counts, in its own words (Post, 2018, arXiv:1804.08771)."""
    from sacrebleu.metrics import BLEU, CHRF

    metrics = {"BLEU": BLEU(), "chrF": CHRF()}
    for metric in metrics.values():
        metric.corpus_score(["a"], [["a"]])  # the signature has the number of references
    return ", ".join(f"{name} {metric.get_signature()}" for name, metric in metrics.items())
