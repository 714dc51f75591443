"""Do pictures that are carried over to another domain look like its own, and do they still show the same thing?

All of it is on held-out pictures, each way. Nobody has paired the domains, so that no single picture can be told right
or wrong; but where both have the same classes, a picture should keep its own. Beside each score stands what leaving the
pictures as they are would get (`identity`), and what the target domain's own pictures get (`real`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from understudy.data.batches import at_once, in_order
from understudy.data.dataset import Dataset, Items
from understudy.data.domains import domain
from understudy.evaluation.distances import frechet
from understudy.evaluation.figures import Figure, grid
from understudy.evaluation.generation import Read, Way, chosen, labelled, lenet_features, read
from understudy.evaluation.judge import judge_of
from understudy.evaluation.pictures import SHOWN, some
from understudy.evaluation.supports import LEAST
from understudy.models.capabilities import Transfers

MOST = 5_000
"""Pictures of a split that are carried over, or compared with those that were."""


@dataclass(frozen=True)
class Direction:
    """One of the two ways.

    Attributes:
        source, target: each domain by itself.
        name: `a_to_b` or `b_to_a`, at the end of its scores' names.
    """

    source: Dataset
    target: Dataset
    name: str

    def carry(self, network: Transfers, x: Tensor) -> Tensor:
        """Pictures of the source as pictures of the target."""
        return network.transfer(x, self.target.name)


_DIRECTIONS: WeakKeyDictionary[Dataset, list[Direction]] = WeakKeyDictionary()


def directions(data: Dataset) -> list[Direction]:
    """There, and back; the same two as long as the data is kept, and with them their domains' judges."""
    if data not in _DIRECTIONS:
        a, b = (domain(data, number) for number in (0, 1))
        _DIRECTIONS[data] = [Direction(a, b, "a_to_b"), Direction(b, a, "b_to_a")]
    return _DIRECTIONS[data]


def score_transfer(network: Transfers, data: Dataset, *, seed: int) -> dict[str, float]:
    """Each way: classes kept, Fréchet distance to the target's pictures, and the error of the way there and back."""
    there, back = directions(data)
    found: dict[str, float] = {}
    for way, other in ((there, back), (back, there)):
        scores = _kept_and_like(network, way, seed) | _cycle(network, way, other, seed)
        found |= {f"{name}_{way.name}": value for name, value in scores.items()}
    return found


def _kept_and_like(network: Transfers, way: Direction, seed: int) -> dict[str, float]:
    """The judge of the target's classes has learnt from its training pictures, and reads what was carried over."""
    seen: dict[str, Way] = {"lenet": lenet_features(way.target)}
    if labelled(way.source):
        seen["class"] = judge_of(way.target, seed, lenient=True).classify

    def looked_at(data: Dataset, items: Items, change: Callable[[Tensor], Tensor] = lambda x: x) -> Read:
        return read(((change(x), y) for x, y in chosen(items, MOST, data.spec, seed)), seen)

    own = looked_at(way.target, way.target.test)
    named = {
        "": looked_at(way.source, way.source.test, lambda x: way.carry(network, x)),
        "identity_": looked_at(way.source, way.source.test),
        "real_": looked_at(way.target, way.target.train),
    }
    enough = min(len(it["lenet"]) for it in (own, *named.values())) >= LEAST
    found = {f"{name}fid_lenet": frechet(own["lenet"], it["lenet"]) for name, it in named.items() if enough}
    if "class" in seen:
        named["real_"] = own
        found |= {f"{name}class_kept": _share(it["class"] == it["y"]) for name, it in named.items()}
    return found


def _cycle(network: Transfers, way: Direction, other: Direction, seed: int) -> dict[str, float]:
    """Mean absolute error of a value after the way there and back; beside it, that of the mean training picture."""
    mean = _mean(way.source)
    errors: dict[str, list[Tensor]] = {"cycle_mae": [], "mean_cycle_mae": []}
    for x, _ in chosen(way.source.test, MOST, way.source.spec, seed):
        returned = other.carry(network, way.carry(network, x))
        for name, copy in (("cycle_mae", returned), ("mean_cycle_mae", mean)):
            errors[name].append((x - copy).abs().flatten(1).mean(1).cpu())
    return {name: torch.cat(parts).double().mean().item() for name, parts in errors.items()}


def _mean(data: Dataset) -> Tensor:
    """The mean training picture: spec.shape."""
    parts = [batch.x.double().sum(0) for batch in in_order(data.train, at_once(data.spec))]
    return (torch.stack(parts).sum(0) / len(data.train)).float()


def _share(right: Tensor) -> float:
    return right.double().mean().item()


def transferred(network: Transfers, data: Dataset, *, seed: int) -> list[Figure]:
    """Test pictures of each domain, in the other one, and on their way back."""
    figures = []
    there, back = directions(data)
    for way, other in ((there, back), (back, there)):
        x = some(way.source.test, SHOWN, seed).x
        carried = way.carry(network, x)
        rows = torch.cat([x, carried, other.carry(network, carried)]).cpu()
        source, target = way.source.name, way.target.name
        caption = f"Test pictures of {source}, the same as {target}, and these brought back to {source}."
        figures.append(Figure(f"transfer_{way.name}", f"From {source} to {target}", caption, image=grid(rows, len(x))))
    return figures
