"""Do the codes tell the classes apart, as a linear classifier reads them?"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from understudy.data.batches import at_once, in_order, order
from understudy.data.dataset import Batch, Dataset
from understudy.evaluation.codes import latent
from understudy.evaluation.principal import rows_that_fit
from understudy.evaluation.reconstruction import principal_of
from understudy.models.capabilities import Encodes

LEARNT_FROM = 5_000
"""Labelled training items, drawn by the seed, fewer where they are large: enough for the order of the three, in a few
seconds."""

WORKSPACE = 20
"""Copies of the values that fitting takes, its history of steps included."""

Way = Callable[[Tensor], Tensor]


def score_probe(network: Encodes, data: Dataset, *, seed: int) -> dict[str, float]:
    """Test accuracy of logistic regression on the codes; beside it on the items' raw values, and on PCA of that size.

    Reference: Alain and Bengio, 2017, Understanding intermediate layers using linear classifier probes,
    arXiv:1610.01644.
    """
    count = min(LEARNT_FROM, rows_that_fit(WORKSPACE * data.spec.size))
    chosen = order(len(data.train), seed, 1)[:count].sort().values
    first = torch.tensor([0])
    if data.train.take(first).y is None or data.test.take(first).y is None:
        return {}
    ways: dict[str, Way] = {
        "": latent(network),
        "pca_": principal_of(network, data, seed).encode,
        "raw_": lambda x: x,
    }
    found = {}
    for name, way in ways.items():
        probe = _fitted(way, data, chosen)
        if probe is None:
            return {}
        found[f"{name}probe_accuracy"] = _accuracy(probe, way, data)
    return found


def _fitted(way: Way, data: Dataset, chosen: Tensor) -> Any:
    """A probe of these training items; None where they are all of one class."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows, labels = zip(*(_read(way, data.train.take(part)) for part in chosen.split(100)), strict=True)
    y = np.concatenate(labels)
    if len(np.unique(y)) < 2:
        return None
    probe = make_pipeline(StandardScaler(copy=False), LogisticRegression(C=0.1, max_iter=1000, tol=1e-3))
    return probe.fit(np.concatenate(rows), y)


def _accuracy(probe: Any, way: Way, data: Dataset) -> float:
    right = 0
    for batch in in_order(data.test, at_once(data.spec)):
        x, y = _read(way, batch)
        right += int((probe.predict(x) == y).sum())
    return right / len(data.test)


def _read(way: Way, batch: Batch) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    assert batch.y is not None  # a set has labels for all of its items or for none
    return way(batch.x).flatten(1).cpu().numpy(), batch.y.cpu().numpy()
