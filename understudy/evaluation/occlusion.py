"""Which words moved the verdict: what a classifier says of a text without them."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from understudy.data.batches import at_once, order
from understudy.data.dataset import Dataset
from understudy.data.labelled_text import PADDING
from understudy.data.spec import LabelledTextSpec
from understudy.data.vocabulary import decode
from understudy.evaluation.figures import Figure
from understudy.models.capabilities import WeighsClasses

MOST_STRETCHES = 300
"""Stretches of a text that are left out in turn; a text of more tokens has stretches of several."""
SHOWN_PER_CLASS = 2

Stretch = tuple[int, int]


def stretches(length: int) -> list[Stretch]:
    """A text's tokens one by one; of a long text in equal stretches: beginnings and ends."""
    step = -(-length // MOST_STRETCHES)
    return [(first, min(first + step, length)) for first in range(0, length, step)]


def log_odds(network: WeighsClasses, x: Tensor, verdict: int) -> Tensor:
    """log p(verdict) - log p(any other class): (batch, time) -> (batch,)."""
    logs = network.class_log_probabilities(x)
    others = torch.arange(logs.shape[1], device=x.device) != verdict
    return logs[:, verdict] - logs[:, others].logsumexp(1)


def moved(network: WeighsClasses, tokens: Tensor, verdict: int, spec: LabelledTextSpec) -> list[tuple[Stretch, float]]:
    """How much the log-odds of a verdict fall where a stretch of the text is left out: what it did for the verdict.

    A text of one token is compared with an unknown token.

    Shapes: tokens: (time,), without padding.

    Reference: Li, Monroe and Jurafsky, 2016, Understanding Neural Networks through Representation Erasure,
        arXiv:1612.08220, equation 1, with log-odds and no division.
    """
    parts = stretches(len(tokens))
    rows = [torch.cat([tokens[:first], tokens[last:]]) for first, last in parts]
    rows = rows if len(rows) > 1 else [torch.zeros_like(tokens)]
    whole = log_odds(network, tokens[None], verdict)
    without = [
        log_odds(network, pad_sequence(list(some), batch_first=True, padding_value=PADDING), verdict)
        for first in range(0, len(rows), at_once(spec))
        for some in [rows[first : first + at_once(spec)]]
    ]
    return list(zip(parts, (whole - torch.cat(without)).tolist(), strict=True))


def words_plot(found: Sequence[tuple[Stretch, float]], words: Sequence[str], title: str) -> dict[str, object]:
    """The words and what each did for the verdict, as the report reads it."""
    marked = [[words[place], round(weight, 4)] for (first, last), weight in found for place in range(first, last)]
    return {"kind": "words", "title": title, "words": marked}


def verdicts(network: WeighsClasses, data: Dataset, *, seed: int) -> list[Figure]:
    """A few test texts of each class, drawn by the seed, their words marked by what they did for the verdict."""
    spec = data.spec
    if not isinstance(spec, LabelledTextSpec):
        return []
    figures: list[Figure] = []
    left = [SHOWN_PER_CLASS] * len(spec.classes)
    for place in order(len(data.test), seed, 0).tolist():
        batch = data.test.take(torch.tensor([place]))
        if batch.y is None or not any(left):
            break
        real = int(batch.y)
        if left[real]:
            left[real] -= 1
            figures.append(_verdict(network, batch.x[0], real, spec, len(figures) + 1))
    return figures


def _verdict(network: WeighsClasses, tokens: Tensor, real: int, spec: LabelledTextSpec, number: int) -> Figure:
    logs = network.class_log_probabilities(tokens[None])[0]
    said = int(logs.argmax())
    words = [decode([token], spec.unit, spec.vocabulary) for token in tokens.tolist()]
    right = "rightly" if said == real else f"and it is {spec.classes[real]}"
    title = f"Taken for {spec.classes[said]}, {right}"
    caption = (
        f"A test text of {spec.classes[real]}; p = {logs[said].exp():.3f}. Marked: what the verdict's log-odds lose "
        "without the word, in a long text without it and its neighbours. Drawn by the seed, chosen by "
        "nobody; words too rare to be known are boxes, and long stretches that did little are left out."
    )
    plot = words_plot(moved(network, tokens, said, spec), words, title)
    return Figure(f"verdict-{number}", title, caption, plot=plot)
