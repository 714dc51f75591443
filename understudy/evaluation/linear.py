"""How sure is a classifier of the right class, and how well does a linear one do on the same items?"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise, product
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from understudy.data.batches import at_once, in_order, order
from understudy.data.dataset import Dataset, Items
from understudy.data.labelled_text import LabelledTexts
from understudy.data.spec import LabelledTextSpec
from understudy.evaluation.principal import rows_that_fit
from understudy.models.capabilities import WeighsClasses

STRENGTHS = {"bag_of_words": (1.0, 10.0, 100.0), "raw": (0.1, 1.0, 10.0)}
"""Inverse strengths of the pull to 0, of which the validation split chooses."""
WORKSPACE = 2
"""Copies of a picture's values that fitting takes; where memory is short it learns from fewer pictures."""

Way = Callable[[Items], Any]


@dataclass(frozen=True)
class Linear:
    """A fitted logistic regression, and how it sees items."""

    way: Way
    model: Any

    def judged(self, items: Items, classes: int) -> tuple[float, float]:
        """Share of the items that it names right, and its cross-entropy in nats."""
        chances = np.full((len(items), classes), 1e-12)  # of a class that training never saw
        chances[:, self.model.classes_] = self.model.predict_proba(self.way(items))
        y = labels(items)
        right = chances[np.arange(len(y)), y]
        return float((chances.argmax(1) == y).mean()), float(-np.log(np.maximum(right, 1e-12)).mean())


def score_linear(network: WeighsClasses, data: Dataset, *, seed: int) -> dict[str, float]:
    """Cross-entropy of the test items' classes; beside it a linear classifier's, and its accuracy.

    The linear classifier is logistic regression on which words and pairs of neighbours a text has, or on a picture's
    raw values. It learns from the training split; the validation split chooses its strength, and for texts between
    words with and without pairs, plain or weighed by how rare they are (TF-IDF). It reads texts whole, whatever the
    network reads of them.

    Reference: Pang, Lee and Vaithyanathan, 2002, Thumbs up?, EMNLP, section 6 (presence of words and pairs).
    """
    if data.test.take(torch.tensor([0])).y is None:
        return {}
    counts = np.bincount(labels(data.train), minlength=len(data.spec.classes))
    share = np.maximum(counts / counts.sum(), 1e-12)
    found = {"class_nll": surprise(network, data)}
    found["majority_class_nll"] = float(-np.log(share[labels(data.test)]).mean())
    name = "bag_of_words" if isinstance(data.spec, LabelledTextSpec) else "raw"
    best = fitted(data, name, seed)
    if best is None:
        return found
    accuracy, nll = best.judged(data.test, len(data.spec.classes))
    return {**found, f"{name}_accuracy": accuracy, f"{name}_class_nll": nll}


def surprise(network: WeighsClasses, data: Dataset) -> float:
    """Mean of -log p(class | item) over the test split, in nats."""
    total = 0.0
    for batch in in_order(data.test, at_once(data.spec)):
        assert batch.y is not None
        chosen = network.class_log_probabilities(batch.x).gather(1, batch.y[:, None])
        total -= chosen.double().sum().item()
    return total / len(data.test)


def fitted(data: Dataset, name: str, seed: int) -> Linear | None:
    """The linear classifier that the validation split likes best; None where it would learn of one class alone."""
    from sklearn.linear_model import LogisticRegression

    train: Any = data.train
    ways: Iterable[Way] = bags(train) if name == "bag_of_words" else [raw]
    if name == "raw":
        train = train.only(order(len(train), seed, 1)[: rows_that_fit(WORKSPACE * data.spec.size)].sort().values)
    y = labels(train)
    if len(np.unique(y)) < 2:
        return None
    best, least = None, math.inf
    for way in ways:
        rows = way(train)
        for strength in STRENGTHS[name]:
            model = LogisticRegression(C=strength, max_iter=200, tol=1e-3).fit(rows, y)
            found = Linear(way, model)
            _, nll = found.judged(data.validation, len(data.spec.classes))
            if best is None or nll < least:
                best, least = found, nll
    return best


def raw(items: Items) -> NDArray[np.float32]:
    """Items as rows of their values."""
    return torch.cat([batch.x.flatten(1).cpu() for batch in in_order(items, 500)]).numpy()


def bags(train: LabelledTexts) -> Iterable[Way]:
    """Ways to see which tokens a text has, learnt on the training texts: with and without pairs, weighed or not."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    for pairs, weighed in product((False, True), (False, True)):
        counter = TfidfVectorizer(
            analyzer=with_pairs if pairs else single,
            binary=True,
            use_idf=weighed,
            min_df=min(2, len(train)),
            dtype=np.float32,
        )
        counter.fit(documents(train))
        yield partial(_counted, counter)


def _counted(counter: Any, items: Items) -> Any:
    return counter.transform(documents(items))


def documents(items: Items) -> Iterator[list[int]]:
    """Each text's tokens, all of them."""
    texts = cast(LabelledTexts, items)
    return (texts.whole(place).tolist() for place in range(len(texts)))


def single(tokens: list[int]) -> list[tuple[int, ...]]:
    """Each token alone."""
    return [(token,) for token in tokens]


def with_pairs(tokens: list[int]) -> list[tuple[int, ...]]:
    """Each token alone, and with the next one."""
    return [*single(tokens), *pairwise(tokens)]


def labels(items: Items) -> NDArray[np.int64]:
    """The classes of a split's items, in the split's own order."""
    y: Tensor | None = getattr(items, "y", None)
    if y is None:
        y = torch.cat([batch.y for batch in in_order(items, 500) if batch.y is not None])
    return y.cpu().numpy()
