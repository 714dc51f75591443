"""How surprised is a network by the next token of a text it has not read?"""

import math
from typing import cast

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from understudy.data.batches import in_order
from understudy.data.dataset import Dataset
from understudy.data.spec import TextSpec
from understudy.data.text import IGNORED, TextItems
from understudy.data.vocabulary import decode
from understudy.decoding.sampling import Sampling, draw
from understudy.evaluation.figures import Figure
from understudy.models.capabilities import ReadsText

WRITTEN = {"characters": 1200, "bytes": 1200, "words": 250}
MOST_PAIRS = 4_000_000
"""Entries of the bigram's table; larger vocabularies have no such baseline."""
WEIGHTS = (0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)


def score_language(network: ReadsText, data: Dataset, *, seed: int) -> dict[str, float]:
    """Cross-entropy of every token of the test split, the state carried through; beside it counts of one and two.

    The baselines are the training split's frequencies of tokens, and of tokens given the one before, mixed with the
    former as the validation split likes best.
    """
    total, count = 0.0, 0
    state = None
    for batch in in_order(data.test, 1):
        logits, state = network.read(batch.x, state)
        assert batch.y is not None
        total += F.cross_entropy(
            logits.flatten(0, 1).float(), batch.y.flatten(), ignore_index=IGNORED, reduction="sum"
        ).item()
        count += int((batch.y != IGNORED).sum())
    nats = total / count
    spec = cast(TextSpec, data.spec)
    scores = {"nats_per_token": nats, "perplexity": math.exp(nats)}
    if spec.unit == "characters":
        scores["bits_per_character"] = nats / math.log(2)
    return scores | {f"{name}_nats_per_token": value for name, value in counted(data).items()}


def counted(data: Dataset) -> dict[str, float]:
    """Nats per test token of the unigram, and of the bigram where its table is not too large."""
    splits = (data.train, data.validation, data.test)
    train, validation, test = (cast(TextItems, items).tokens.long().cpu() for items in splits)
    size = cast(TextSpec, data.spec).size_of_vocabulary
    single = (torch.bincount(train, minlength=size) + 1).double()
    single /= single.sum()
    found = {"unigram": -single[test[1:]].log().mean().item()}
    if size**2 > MOST_PAIRS:
        return found
    pairs = torch.bincount(train[:-1] * size + train[1:], minlength=size**2).view(size, size).double()
    pairs /= pairs.sum(1, keepdim=True).clamp_min(1)

    def surprise(tokens: Tensor, weight: float) -> float:
        mixed = weight * pairs[tokens[:-1], tokens[1:]] + (1 - weight) * single[tokens[1:]]
        return -mixed.log().mean().item()

    best = min(WEIGHTS, key=lambda weight: surprise(validation, weight))
    return {**found, "bigram": surprise(test, best)}


def written(network: ReadsText, data: Dataset, *, seed: int) -> list[Figure]:
    """What the network writes after the first line of the test split."""
    spec = cast(TextSpec, data.spec)
    tokens = cast(TextItems, data.test).tokens.long()[:64]
    how, generator = Sampling(temperature=0.8), Generator(tokens.device).manual_seed(seed)
    stream = draw(network, tokens[None], how, generator)
    drawn = [int(next(stream)) for _ in range(WRITTEN[spec.unit])]
    text = f"{decode(tokens.tolist(), spec.unit, spec.vocabulary)}\u2502{decode(drawn, spec.unit, spec.vocabulary)}"
    caption = "After the bar the network wrote, at temperature 0.8; before it is the beginning of the test split."
    return [Figure("written", "What it writes", caption, text=text)]
