"""Principal components of the training items: the baseline of every code."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor

from understudy.data.batches import order
from understudy.data.budget import budget
from understudy.data.dataset import Dataset, Items

FEW = 500
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


@dataclass(frozen=True)
class QuantisedPrincipal(Principal):
    """A linear code of so many bits a number: each coefficient is rounded to one of `levels` between its limits.

    Shapes:
        limits: (2, code), the lowest and the highest training coefficient.
    """

    levels: int
    limits: Tensor

    def encode(self, x: Tensor) -> Tensor:
        """The rounded coefficients: (batch, *shape) -> (batch, code)."""
        low, high = self.limits
        step = ((high - low) / max(1, self.levels - 1)).clamp_min(1e-12)
        codes: Tensor = low + step * ((super().encode(x) - low) / step).round().clamp(0, self.levels - 1)
        return codes


MOST_COMPONENTS = 512
MOST_BITS = 10


def quantised_principal(data: Dataset, bits: int, seed: int) -> Principal:
    """PCA whose code of an item has at most `bits` bits: of 1 to 10 bits a number, what errs least on validation items.

    With more bits a number there are fewer numbers.
    """
    most = min(bits, data.spec.size, MOST_COMPONENTS)
    widest = fit_principal(data, most, seed)
    rows = widest.encode(data.train.take(order(len(data.train), seed, 0)[:FEW].sort().values).x)
    limits = torch.stack([rows.amin(0), rows.amax(0)])
    x = data.validation.take(order(len(data.validation), seed, 0)[:FEW].sort().values).x
    candidates = []
    for each in range(1, min(bits, MOST_BITS) + 1):
        numbers = min(bits // each, len(widest.components))
        candidates.append(QuantisedPrincipal(widest.mean, widest.components[:numbers], 2**each, limits[:, :numbers]))
    return min(candidates, key=lambda it: (it.reconstruct(x) - x).square().sum().item())


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
    with np.errstate(invalid="ignore"):  # shares of no variance, where all items are one
        fitted = PCA(min(code, *rows.shape), random_state=seed).fit(rows.numpy())
    device = data.train.take(torch.tensor([0])).x.device

    def tensor(values: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Tensor:
        return torch.from_numpy(values.astype(np.float32)).to(device)

    return Principal(tensor(fitted.mean_), tensor(fitted.components_))
