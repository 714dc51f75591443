"""Does a network know the classes: does it make what is asked for, and name what it is shown?"""

from collections.abc import Iterator

import torch
from torch import Tensor

from understudy.data.batches import at_once, in_order
from understudy.data.dataset import Dataset, Items
from understudy.data.spec import ImageSpec, Spec
from understudy.evaluation.figures import Figure, grid
from understudy.evaluation.judge import accuracy, judge_of
from understudy.models.capabilities import Classifies, SamplesClasses

JUDGED_PER_CLASS, JUDGED = 100, 10_000
DRAWN_PER_CLASS, ROWS = 12, 100
MOST = 60
"""Classes whose rows and columns can still be read."""


def score_asked_classes(network: SamplesClasses, data: Dataset, *, seed: int) -> dict[str, float]:
    """Share of the made items that the judge takes for the class that was asked for; beside it, of real test items.

    Class means alone would satisfy the judge. So `class_spread` says how much made items of one class differ, as a
    share of what real ones do.
    """
    made_spread, right = Spread(data.spec), []
    for made, asked, named in judged(network, data, seed):
        made_spread.add(made, asked)
        right.append(named == asked)
    found = {"asked_class": torch.cat(right).double().mean().item()}
    if data.test.take(torch.tensor([0])).y is None:
        return found
    real_spread = Spread(data.spec)
    for batch in in_order(data.test, at_once(data.spec)):
        assert batch.y is not None
        real_spread.add(batch.x, batch.y)
    spread = made_spread.within() / max(real_spread.within(), 1e-12)
    return {**found, "real_asked_class": _accuracy(judge_of(data, seed), data), "class_spread": spread}


def judged(network: SamplesClasses, data: Dataset, seed: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """As many items of each class, what was asked for, and what the judge takes them for, a batch at a time."""
    each = max(1, min(JUDGED_PER_CLASS, JUDGED // len(data.spec.classes)))
    asked = torch.arange(len(data.spec.classes)).repeat_interleave(each)
    judge, generator = judge_of(data, seed), torch.Generator().manual_seed(seed)
    for part in asked.split(at_once(data.spec)):
        made = network.sample_of(part, generator)
        yield made, part, judge.classify(made).cpu()


class Spread:
    """How much items of one class differ: sums over items, so that they need not be held."""

    def __init__(self, spec: Spec) -> None:
        self.counts = torch.zeros(len(spec.classes), dtype=torch.float64)
        self.sums = torch.zeros(len(spec.classes), spec.size, dtype=torch.float64)
        self.squares = torch.zeros(len(spec.classes), dtype=torch.float64)

    def add(self, x: Tensor, y: Tensor) -> None:
        """Take note of items, (batch, *spec.shape), and their classes, (batch,)."""
        rows, y = x.flatten(1).cpu().double(), y.cpu()
        self.counts.index_add_(0, y, torch.ones(len(y), dtype=torch.float64))
        self.sums.index_add_(0, y, rows)
        self.squares.index_add_(0, y, rows.square().sum(1))

    def within(self) -> float:
        """Root mean squared distance of an item to the mean of its class, a mean over the classes that there are."""
        known = self.counts > 0
        counts = self.counts[known]
        variance = self.squares[known] / counts - (self.sums[known] / counts[:, None]).square().sum(1)
        return float(variance.clamp_min(0).sqrt().mean())


def score_classification(network: Classifies, data: Dataset, *, seed: int) -> dict[str, float]:
    """Share of the test items whose class is named right; beside it, that of naming the most frequent of training."""
    if data.test.take(torch.tensor([0])).y is None:
        return {}
    learnt, asked = (_class_counts(items, data) for items in (data.train, data.test))
    return {"accuracy": _accuracy(network, data), "majority_accuracy": float(asked[learnt.argmax()] / asked.sum())}


def _class_counts(items: Items, data: Dataset) -> Tensor:
    """Items of each class; only the labels are read where the items hold them."""
    counts = torch.zeros(len(data.spec.classes))
    y: Tensor | None = getattr(items, "y", None)
    for labels in [y] if y is not None else (batch.y for batch in in_order(items, at_once(data.spec))):
        assert labels is not None  # a set has labels for all of its items or for none
        counts += torch.bincount(labels.cpu(), minlength=len(counts))
    return counts


def _accuracy(network: Classifies, data: Dataset) -> float:
    return accuracy(network, in_order(data.test, at_once(data.spec)))


def class_samples(network: SamplesClasses, data: Dataset, *, seed: int) -> list[Figure]:
    """New pictures of each class, a row for each."""
    if not isinstance(data.spec, ImageSpec):
        return []
    asked = torch.arange(min(ROWS, len(data.spec.classes))).repeat_interleave(DRAWN_PER_CLASS)
    generator = torch.Generator().manual_seed(seed)
    made = torch.cat([network.sample_of(part, generator).cpu() for part in asked.split(at_once(data.spec))])
    named = ", ".join(data.spec.classes[:ROWS])
    caption = f"Drawn from noise, a row for each class: {named}. None of the items is left out."
    return [Figure("classes", "Samples by class", caption, image=grid(made, DRAWN_PER_CLASS))]


def asked_and_made(network: SamplesClasses, data: Dataset, *, seed: int) -> list[Figure]:
    """What the judge takes items of each class for, a row for each."""
    classes = data.spec.classes
    if len(classes) > MOST:
        return []
    table = torch.zeros(len(classes), len(classes))
    for _, asked, named in judged(network, data, seed):
        table.index_put_((asked, named), torch.ones(len(asked)), accumulate=True)
    shares = (table / table.sum(1, keepdim=True)).tolist()
    caption = "Rows: the class that was asked for. Columns: the one that the judge sees. On the diagonal: as asked."
    plot = {"kind": "heat", "rows": list(classes), "columns": list(classes), "values": shares}
    return [Figure("asked-classes", "Made as asked", caption, plot=plot)]
