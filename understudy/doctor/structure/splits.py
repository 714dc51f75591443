"""Two parts of the data: do they share items, and can they be told apart?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

MOST = 1000
"""Items of a part that are looked at by the classifier."""
COMPONENTS = 20


def prints(items: Tensor) -> list[bytes]:
    """A short hash of each item: (items, ...) -> as many."""
    rows = items.detach().cpu().flatten(1).contiguous().numpy()
    return [hashlib.blake2b(row.tobytes(), digest_size=8).digest() for row in rows]


def overlap(training: Iterable[bytes], held_out: Iterable[bytes]) -> tuple[float, float]:
    """The share of held-out items that are in the training part too, and of training items that are there twice."""
    first, second = list(training), list(held_out)
    known = set(first)
    shared = sum(one in known for one in second) / max(1, len(second))
    return shared, 1 - len(known) / max(1, len(first))


def told_apart(training: Tensor, held_out: Tensor) -> tuple[float, float]:
    """How well a linear classifier tells the two parts apart, on items that it has not seen.

    Shapes: (items, ...) both

    Returns:
        the area under its curve, 0.5 where it cannot, and the standard error of that for parts of no difference.

    Reference:
        Lopez-Paz and Oquab, 2017, Revisiting Classifier Two-Sample Tests, arXiv:1610.06545, section 3.
        Hanley and McNeil, 1982, The Meaning and Use of the Area under a ROC Curve, for the standard error.
    """
    parts = [_spread(part) for part in (training, held_out)]
    x = np.concatenate(parts)
    y = np.repeat([0, 1], [len(part) for part in parts])
    size = min(COMPONENTS, x.shape[1], min(len(part) for part in parts) // 5)
    model = make_pipeline(
        StandardScaler(),
        PCA(size, svd_solver="randomized", random_state=0),
        LogisticRegression(class_weight="balanced"),
    )
    folds = StratifiedKFold(4, shuffle=True, random_state=0)
    scores = cross_val_predict(model, x, y, cv=folds, method="decision_function")
    few, many = sorted(len(part) for part in parts)
    return float(roc_auc_score(y, scores)), float(np.sqrt((few + many + 1) / (12 * few * many)))


def _spread(part: Tensor) -> NDArray[np.float64]:
    """At most `MOST` items, evenly over the part."""
    places = np.linspace(0, len(part) - 1, min(MOST, len(part))).astype(int)
    return part.detach().cpu()[places].flatten(1).double().numpy()


def missing_classes(training: Tensor, held_out: Tensor) -> list[int]:
    """Classes of held-out items of which there is no training item: twice (items,) -> their numbers."""
    return sorted(set(held_out.unique().tolist()) - set(training.unique().tolist()))
