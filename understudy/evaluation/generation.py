"""How good are generated pictures: near the real ones, as varied, of the same classes, as sharp?

All of it is on held-out data: made pictures against test pictures, in the features of a small network that knows
handwritten digits (`digit_networks.py`), or of one that the user brings. Beside each score stands the real one:
training pictures in place of made ones, and as many.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from understudy.data.batches import at_once, order
from understudy.data.dataset import Dataset, Items
from understudy.data.spec import ImageSpec, Spec
from understudy.data.stacked_mnist import stacked
from understudy.errors import OptionError
from understudy.evaluation.digit_networks import LeNet, as_digits, in_parts, shipped
from understudy.evaluation.distances import frechet, kernel, refuse_not_finite
from understudy.evaluation.judge import judge_of
from understudy.evaluation.modes import compare_classes
from understudy.evaluation.own_features import own_features
from understudy.evaluation.supports import LEAST, Support, overlap
from understudy.models.capabilities import Samples

MOST = 5_000
"""Made, test and training pictures that are compared, or as many as the smaller split has."""
SURE = 0.9
"""Accuracy on real test pictures from which a judge's word on made ones is a score."""
MOST_CLASSES = 100
"""Of more, there are too few items of each to say anything."""
LAPLACIAN = ((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0))

Way = Callable[[Tensor], Tensor]
Read = dict[str, Tensor]


def score_pictures(network: Samples, data: Dataset, *, seed: int, features: str | None = None) -> dict[str, float]:
    """Fréchet and kernel distance, precision, recall, density, coverage, sharpness, and the balance of the classes.

    Empty for other data than pictures, and where a split has fewer than `LEAST` of them.

    Args:
        features: `path.py:Class` of a module that gives pictures their features; see `own_features.py`. Distances in
            its space have its name at their end.

    Raises:
        OptionError: features were asked for that cannot be had.
        DataError: a generated picture or a feature is not finite.
    """
    count = min(MOST, len(data.train), len(data.test))
    if not isinstance(data.spec, ImageSpec) or count < LEAST:
        if features is not None:
            raise OptionError(f"features={features} is for pictures, {LEAST} at least; here are {data.spec.describe()}")
        return {}
    lenet, judge = lenet_features(data), judge_of(data, seed) if labelled(data) else None
    ways = {"lenet": lenet, "sharpness": sharpness} | ({"class": judge.classify} if judge else {})
    own = own_features(features, data) if features else {}
    ways |= own
    made = read(drawn(network, count, data.spec, seed), ways)
    real = read(chosen(data.test, count, data.spec, seed), ways)
    train = read(chosen(data.train, count, data.spec, seed), ways)
    found: dict[str, float] = {}
    for space in ("lenet", *own):
        scores = compare_features(real[space], {"": made[space], "real_": train[space]}, seed)
        found |= {named(space, name): value for name, value in scores.items()}
    return {
        "generated": count,
        **found,
        "sharpness": made["sharpness"].mean().item(),
        "real_sharpness": real["sharpness"].mean().item(),
        **(_class_scores(made, real, train, data) if judge else {}),
    }


def compare_features(real: Tensor, others: Mapping[str, Tensor], seed: int) -> dict[str, float]:
    """Every distance of some features to the real ones: `fid`, `kid`, `kid_spread`, those of `overlap`; `feature_dim`.

    Args:
        real: (count, values).
        others: by the prefix of their scores' names.

    Raises:
        DataError: a feature is not finite.
    """
    found: dict[str, float] = {"feature_dim": real.shape[1]}
    refuse_not_finite(real, "items' features")
    support = Support(real)
    for prefix, rows in others.items():
        refuse_not_finite(rows, "items' features")
        mean, spread = kernel(real, rows, seed)
        scores = {"fid": frechet(real, rows), "kid": mean, "kid_spread": spread, **overlap(support, Support(rows))}
        found |= {prefix + name: value for name, value in scores.items()}
    return found


def named(space: str, name: str) -> str:
    """A score's name in a space of features; in LeNet's only the two distances bear it.

    Example:
        >>> named("lenet", "kid_spread"), named("lenet", "recall"), named("inception", "real_recall")
        ('kid_lenet_spread', 'recall', 'real_recall_inception')
    """
    if space == "lenet" and "fid" not in name and "kid" not in name:
        return name
    return re.sub(r"^(.*?)(_spread)?$", rf"\1_{space}\2", name)


def drawn(network: Samples, count: int, spec: Spec, seed: int) -> Iterator[Tensor]:
    """The first items that the seed gives, a batch at a time: (batch, *spec.shape) each."""
    generator, part = torch.Generator().manual_seed(seed), at_once(spec)
    for first in range(0, count, part):
        yield network.sample(min(part, count - first), generator)


def chosen(items: Items, count: int, spec: Spec, seed: int) -> Iterator[tuple[Tensor, Tensor | None]]:
    """Some items of a split and their classes, chosen by the seed alone, a batch at a time."""
    for part in order(len(items), seed, 0)[:count].sort().values.split(at_once(spec)):
        batch = items.take(part)
        yield batch.x, batch.y


def read(batches: Iterable[Tensor | tuple[Tensor, Tensor | None]], ways: Mapping[str, Way]) -> Read:
    """What each way sees in each item; classes that are known are `y`. No more than that is kept of an item.

    Raises:
        DataError: an item or what is seen in it is not finite.
    """
    seen: dict[str, list[Tensor]] = {}
    for batch in batches:
        x, y = batch if isinstance(batch, tuple) else (batch, None)
        refuse_not_finite(x.flatten(1), "items")
        for name, way in ways.items():
            seen.setdefault(name, []).append(way(x).cpu())
        if y is not None:
            seen.setdefault("y", []).append(y.cpu())
    return {name: torch.cat(parts) for name, parts in seen.items()}


def lenet_features(data: Dataset) -> Way:
    """The shipped network's features of any pictures; see `as_digits` for how it sees them. Of stacks, each digit's."""
    network = shipped("lenet").to(data.test.take(torch.tensor([0])).x.device)
    assert isinstance(network, LeNet)

    def features(x: Tensor) -> Tensor:
        return in_parts(network.features, as_digits(x))

    def features_of_stack(x: Tensor) -> Tensor:
        return features(x.flatten(0, 1)[:, None]).view(len(x), -1)

    return features_of_stack if stacked(data.spec) else features


def sharpness(x: Tensor) -> Tensor:
    """Variance of each picture's Laplacian, a mean over its channels; pictures are at least 3x3, or it is 0.

    Shapes: (batch, channels, height, width) -> (batch,)

    Reference:
        Pech-Pacheco et al., 2000, Diatom autofocusing in brightfield microscopy: a comparative study.
    """
    if min(x.shape[-2:]) < 3:
        return x.new_zeros(len(x))
    kernel = torch.tensor(LAPLACIAN, device=x.device)
    edges = F.conv2d(x.flatten(0, 1)[:, None], kernel[None, None])
    return edges.flatten(1).var(1, correction=0).view(x.shape[:2]).mean(1)


def labelled(data: Dataset) -> bool:
    """Whether the items have classes, so many that they can be counted."""
    return 1 < len(data.spec.classes) <= MOST_CLASSES and data.test.take(torch.tensor([0])).y is not None


def _class_scores(made: Read, real: Read, train: Read, data: Dataset) -> dict[str, float]:
    """Balance of the classes as the judge sees them; the test items' are known. None where the judge knows too little.

    `real_` is the same for training pictures that the judge has to name, its mistakes included.
    """
    accuracy = (real["class"] == real["y"]).double().mean().item()
    if accuracy < SURE:
        return {"judge_accuracy": accuracy}
    classes = len(data.spec.classes)
    known, made_counts, train_counts = (
        torch.bincount(y, minlength=classes) for y in (real["y"], made["class"], train["class"])
    )
    found = compare_classes(known, made_counts)
    beside = {f"real_{name}": value for name, value in compare_classes(known, train_counts).items()}
    return {"judge_accuracy": accuracy, **found, **beside}
