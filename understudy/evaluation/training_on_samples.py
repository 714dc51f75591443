"""Can a network make more training data: what does a classifier learn from its samples?"""

import dataclasses
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

from understudy.data.batches import at_once, in_order
from understudy.data.dataset import Dataset
from understudy.data.memory import ArrayItems
from understudy.data.spec import ImageSpec, Spec, VectorSpec
from understudy.errors import OptionError
from understudy.evaluation.distances import refuse_not_finite
from understudy.evaluation.generation import chosen, drawn, labelled
from understudy.evaluation.judge import ClassJudge, judge_of, trained_judge
from understudy.evaluation.principal import rows_that_fit
from understudy.models.capabilities import Samples, SamplesClasses

Labelled = tuple[Tensor, Tensor | None]

LEARNT_FROM = 10_000
STEPS = 600


def score_training(network: Samples, data: Dataset, *, seed: int, train_on_generated: bool = False) -> dict[str, float]:
    """Accuracy on real test items of three small classifiers: learnt from samples, from real items, and from both.

    All three are one network and learn for as many steps; there are as many samples as real items, up to 10,000. Of a
    network that knows classes, samples are of the classes that it was asked for; else the judge names them, and what it
    knows of real items goes into them. The classifiers know all classes, so that one of which there are no samples
    counts as wrong; the `worst_class` is the one that is named right least often.

    Not part of every scoring: it takes three trainings.

    Reference:
        Esteban, Hyland and Ratsch, 2017, Real-valued (medical) time series generation, arXiv:1706.02633, section 4.1.2.
        Ravuri and Vinyals, 2019, Classification accuracy score for conditional generative models, arXiv:1905.10887.

    Raises:
        OptionError: it was asked for, and the data has no classes.
    """
    if not train_on_generated:
        return {}
    if not isinstance(data.spec, ImageSpec | VectorSpec) or not labelled(data):
        raise OptionError(f"train_on_generated needs data with 2 to 100 classes; '{data.name}' has none that count")
    count = min(LEARNT_FROM, len(data.train), rows_that_fit(data.spec.size))
    real = held(chosen(data.train, count, data.spec, seed), data.spec)
    made = held(samples_with_classes(network, real, data, seed), data.spec)
    both = ArrayItems(torch.cat([real.x, made.x]), torch.cat([classes_of(real), classes_of(made)]))
    device = data.test.take(torch.tensor([0])).x.device
    found: dict[str, float] = {}
    for name, items in {"generated": made, "real": real, "both": both}.items():
        learnt = trained_judge(dataclasses.replace(data, train=items.to(device)), seed, STEPS)
        right, asked = right_by_class(learnt, data)
        found[f"{name}_training_accuracy"] = (right.sum() / asked.sum()).item()
        found[f"{name}_training_worst_class"] = (right / asked)[asked > 0].min().item()
    return found


def samples_with_classes(network: Samples, like: ArrayItems, data: Dataset, seed: int) -> Iterator[Labelled]:
    """As many samples as items, of their classes where the network can be asked for them; else the judge names them."""
    if isinstance(network, SamplesClasses):
        generator = torch.Generator().manual_seed(seed)
        for classes in classes_of(like).split(at_once(data.spec)):
            yield network.sample_of(classes, generator), classes
        return
    judge = judge_of(data, seed)
    for x in drawn(network, len(like), data.spec, seed):
        yield x, judge.classify(x)


def held(parts: Iterable[Labelled], spec: Spec) -> ArrayItems:
    """Items and their classes in memory, pictures as 8 bits.

    Raises:
        DataError: an item is not finite.
    """
    xs, ys = [], []
    for x, y in parts:
        refuse_not_finite(x.flatten(1), "items")
        assert y is not None  # the data has labels
        xs.append((255 * x.clamp(0, 1)).round().byte().cpu() if isinstance(spec, ImageSpec) else x.cpu())
        ys.append(y.cpu())
    return ArrayItems(torch.cat(xs), torch.cat(ys))


def right_by_class(judge: ClassJudge, data: Dataset) -> tuple[Tensor, Tensor]:
    """Test items of each class that are named right, and all of them: (classes,) each."""
    counts = torch.zeros(2, len(data.spec.classes), dtype=torch.float64)
    for batch in in_order(data.test, at_once(data.spec)):
        assert batch.y is not None  # the data has labels
        y, found = batch.y.cpu(), judge.classify(batch.x).cpu()
        counts[0] += torch.bincount(y[found == y], minlength=counts.shape[1])
        counts[1] += torch.bincount(y, minlength=counts.shape[1])
    return counts[0], counts[1]


def classes_of(items: ArrayItems) -> Tensor:
    """The classes of items that have some: (count,)."""
    assert items.y is not None
    return items.y
