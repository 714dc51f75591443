"""Does the error of a copy give away what the network has never seen?"""

from collections.abc import Callable

import torch
from torch import Tensor

from understudy.data.batches import at_once, in_order
from understudy.data.dataset import Dataset, Items
from understudy.data.spec import ImageSpec
from understudy.evaluation.figures import Figure, grid
from understudy.evaluation.pictures import SHOWN
from understudy.evaluation.reconstruction import Copier, fair_principal, linear_copy

ROWS = 2

Way = Callable[[Tensor], Tensor]


def score_anomaly(network: Copier, data: Dataset, *, seed: int) -> dict[str, float]:
    """Area under the ROC curve by which the copy's squared error tells the class that was left out from test items.

    0.5 is chance, 1 is perfect. Beside it PCA's error.
    """
    if data.outliers is None:
        return {}
    from sklearn.metrics import roc_auc_score

    principal = fair_principal(network, data, seed)
    strange = torch.cat([torch.zeros(len(data.test)), torch.ones(len(data.outliers))]).numpy()
    ways: dict[str, Way] = {"": network.reconstruct, "pca_": lambda x: linear_copy(principal, x, data.spec)}
    found = {}
    for name, way in ways.items():
        errors = torch.cat([errors_of(way, items, data) for items in (data.test, data.outliers)])
        found[f"{name}anomaly_auroc"] = float(roc_auc_score(strange, errors.numpy()))
    return found


def errors_of(way: Way, items: Items, data: Dataset) -> Tensor:
    """Squared error of each item's copy: (count,), on the CPU."""
    batches = in_order(items, at_once(data.spec))
    return torch.cat([(way(batch.x) - batch.x).flatten(1).square().sum(1).cpu() for batch in batches])


def strangest(network: Copier, data: Dataset, *, seed: int) -> list[Figure]:
    """Held-out items with the largest error of their copies, the least below them."""
    if not isinstance(data.spec, ImageSpec):
        return []
    sources = [data.test] if data.outliers is None else [data.test, data.outliers]
    found = [(errors_of(network.reconstruct, items, data), items) for items in sources]
    order = torch.cat([errors for errors, _ in found]).argsort(descending=True)
    count = min(ROWS * SHOWN, len(order) // 2)
    if not count:
        return []
    pictures = torch.cat([_taken(found, place) for place in (order[:count], order[-count:])])
    caption = f"The {count} held-out items with the largest error of their copy, then the {count} with the least."
    if data.outliers is not None:
        strange = int((order[:count] >= len(data.test)).sum())
        caption += (
            f" Of the first {count}, {strange} are of the class that was left out, which is "
            f"{100 * len(data.outliers) / len(order):.0f}% of all."
        )
    return [Figure("strangest", "Anomalies, ranked", caption, image=grid(pictures.cpu(), min(SHOWN, count)))]


def _taken(found: list[tuple[Tensor, Items]], places: Tensor) -> Tensor:
    """The items at places that count through all of the sources."""
    firsts = [0]
    for errors, _ in found:
        firsts.append(firsts[-1] + len(errors))
    rows = []
    for place in places.tolist():
        source = max(number for number, first in enumerate(firsts[:-1]) if place >= first)
        rows.append(found[source][1].take(torch.tensor([place - firsts[source]])).x)
    return torch.cat(rows)
