"""What every kind of data offers to training and scoring: three splits of items, and the spec of one item."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, Protocol, runtime_checkable

from torch import Tensor, device

from understudy.data.spec import Spec

SplitName = Literal["train", "validation", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Batch:
    """Some items as the network sees them.

    Shapes:
        x: (batch, *spec.shape), float32; images in [0, 1], vectors standardised.
        y: (batch,), int64 class numbers, or None where the data has no labels.
    """

    x: Tensor
    y: Tensor | None = None

    def __len__(self) -> int:
        return len(self.x)


class Items(Protocol):
    """One split. In memory, or read from files when they are asked for."""

    def __len__(self) -> int: ...

    def take(self, index: Tensor) -> Batch:
        """The items at these positions, in this order. `index` is (batch,), int64, on the CPU."""
        ...

    def to(self, target: device) -> "Items":
        """The same items, delivered on `target` (and kept there when they are held in memory)."""
        ...


@runtime_checkable
class OwnBatches(Items, Protocol):
    """Items that say themselves what goes into a batch together: a text's lanes, sentences of like length."""

    def batch_count(self, batch: int) -> int:
        """Batches in one epoch."""
        ...

    def batches(self, batch: int, seed: int, epoch: int, start: int) -> Iterator[Batch]:
        """One epoch from batch `start` on, in an order that the seed and the epoch alone decide."""
        ...

    def in_order(self, batch: int) -> Iterator[Batch]:
        """Every item once, at most about `batch` of them together; for scores and validation."""
        ...


@dataclass(frozen=True)
class Modes:
    """Where the items of computed data lie: at centres or on curves, blurred by normal noise.

    Attributes:
        distances: of rows in the user's units to each mode, (count, features) -> (count, modes).
        deviation: of the noise, in each direction.
    """

    distances: Callable[[Tensor], Tensor]
    deviation: float


@dataclass(frozen=True, eq=False)
class Dataset:
    """A named set of items, split once by a seed of its own; the splits never share an item.

    Attributes:
        name: what the user called it, shortened for titles ("mnist", "photos").
        fingerprint: a hash of the content, or of a folder's names and sizes; a run that is resumed refuses data whose
            hash changed.
        outliers: items of a class that was left out of all splits, or None.
        modes: where the items lie, where that is known.
    """

    name: str
    spec: Spec
    train: Items
    validation: Items
    test: Items
    fingerprint: str
    outliers: Items | None = None
    modes: Modes | None = None

    def split(self, name: SplitName) -> Items:
        """The items of one split."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[name]

    def to(self, target: device) -> "Dataset":
        """The same data, delivered on `target`; itself where it is there already, so that what is kept of it serves."""
        train, validation, test = (self.split(name).to(target) for name in SPLITS)
        outliers = None if self.outliers is None else self.outliers.to(target)
        if train is self.train and validation is self.validation and test is self.test and outliers is self.outliers:
            return self
        return replace(self, train=train, validation=validation, test=test, outliers=outliers)

    @property
    def sizes(self) -> dict[str, int]:
        """Items in each split."""
        return {"train": len(self.train), "validation": len(self.validation), "test": len(self.test)}
