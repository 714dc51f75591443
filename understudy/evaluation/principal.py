"""Principal components of the training items: the baseline of every code."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor

from understudy.data.batches import order
from understudy.data.budget import budget
from understudy.data.dataset import Dataset, Items

FIT_BYTES = 400_000_000
"""Of training items, drawn by the seed where there are more: all 54,000 of MNIST's fit."""


@dataclass(frozen=True)
class Principal:
    """The best linear code of its size.

    Shapes:
        mean: (values,).
        components: (code, values), orthonormal rows.
    """

    mean: Tensor
    components: Tensor

    def encode(self, x: Tensor) -> Tensor:
        """(batch, *shape) -> (batch, code)."""
        return (x.flatten(1) - self.mean) @ self.components.T

    def reconstruct(self, x: Tensor) -> Tensor:
        """(batch, *shape) -> the same shape."""
        return (self.encode(x) @ self.components + self.mean).reshape(x.shape)


def rows_that_fit(values: int) -> int:
    """Items of so many values that may be held in memory to fit a baseline."""
    room = min(FIT_BYTES, budget() // 2)  # scikit-learn works on copies
    return max(2, room // (4 * values))


def training_rows(items: Items, values: int, seed: int) -> Tensor:
    """As many training items as `FIT_BYTES`, and a fair part of this process's memory, hold, flat: (count, values)."""
    count = min(len(items), rows_that_fit(values))
    chosen = order(len(items), seed, 0)[:count].sort().values
    return torch.cat([items.take(part).x.flatten(1).cpu() for part in chosen.split(100)])


_FITTED: WeakKeyDictionary[Dataset, dict[tuple[int, int], Principal]] = WeakKeyDictionary()


def fit_principal(data: Dataset, code: int, seed: int) -> Principal:
    """Fit on the training split; fewer components than asked for where the items or their values are fewer.

    Several scores ask for the same one: it is kept as long as the data is.
    """
    kept = _FITTED.setdefault(data, {})
    if (code, seed) not in kept:
        kept[code, seed] = _fit(data, code, seed)
    return kept[code, seed]


def _fit(data: Dataset, code: int, seed: int) -> Principal:
    from sklearn.decomposition import PCA

    rows = training_rows(data.train, data.spec.size, seed)
    fitted = PCA(min(code, *rows.shape), random_state=seed).fit(rows.numpy())
    device = data.train.take(torch.tensor([0])).x.device

    def tensor(values: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Tensor:
        return torch.from_numpy(values.astype(np.float32)).to(device)

    return Principal(tensor(fitted.mean_), tensor(fitted.components_))
