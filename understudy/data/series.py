"""Series at even spacing, as a network reads them: a window of each before an origin, and the horizon after it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, device

from understudy.data.dataset import Batch
from understudy.data.dates import Axis
from understudy.data.differences import Floats, base, differences, lag
from understudy.data.spec import SeriesSpec
from understudy.data.splits import permutation


@dataclass(frozen=True)
class Series:
    """Measurements as they were read.

    Shapes: values (series, time), in the user's own units.
    """

    axis: Axis
    names: tuple[str, ...]
    values: Floats

    def __len__(self) -> int:
        return int(self.values.shape[1])

    def until(self, count: int) -> "Series":
        """The first `count` steps."""
        return replace(self, values=self.values[:, :count])

    def dates(self, start: int, count: int) -> list[str]:
        """The dates of steps from `start` on, known or yet to come."""
        return self.axis.labels(np.arange(start, start + count))


class Windows:
    """Series brought to a network's scale.

    Args:
        spec: window, horizon, logarithm, differencing and calendar.
        offset, scale: what each series is brought to scale with; (series,).
    """

    def __init__(self, series: Series, spec: SeriesSpec, offset: Floats, scale: Floats) -> None:
        self.series, self.spec, self.offset, self.scale = series, spec, offset, scale
        self.lag = lag(spec.differencing, spec.season)
        self.levels = levels(series.values, spec)
        count, time = self.levels.shape
        changes = (differences(self.levels, self.lag) - offset[:, None]) / scale[:, None]
        frames = np.zeros((count, time + spec.horizon, spec.features), np.float32)
        frames[:, self.lag : time, 0] = changes
        if spec.calendar:
            frames[:, :, 1:] = series.axis.phases(np.arange(time + spec.horizon))
        self.frames = torch.from_numpy(frames)

    @property
    def first(self) -> int:
        """The first origin that has a whole window before it."""
        return self.lag + self.spec.window

    def before(self, origin: int) -> Floats:
        """The levels that stand still from the origin on: (series, horizon)."""
        return base(self.levels[:, :origin], self.lag, self.offset, self.spec.horizon)

    def to_user(self, outputs: NDArray[np.floating], origin: int) -> Floats:
        """A network's outputs for this origin in the user's own units.

        Shapes: (series, horizon, ...) -> the same
        """
        around = (..., *[None] * (outputs.ndim - 2))
        found = self.before(origin)[around] + outputs * self.scale[:, None][around]
        return np.exp(found) if self.spec.logarithm else np.asarray(found)


def levels(values: Floats, spec: SeriesSpec) -> Floats:
    """Values, or their logarithms."""
    return np.log(values) if spec.logarithm else values


@dataclass(frozen=True, slots=True)
class SeriesItems:
    """One split. An item is an origin in one of the series: what stands before it, and the horizon after it.

    Shapes:
        origins: (origins,), the first steps to forecast, int64.
        frames: as in `windows`, (series, time + horizon, features), where batches are made.

    Attributes:
        kept: all items, once they have been asked for as one batch.
    """

    windows: Windows
    origins: Tensor
    frames: Tensor
    kept: list[Batch] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.origins) * len(self.frames)

    @property
    def y(self) -> Tensor | None:
        """No item has a class."""
        return None

    def to(self, target: device) -> "SeriesItems":
        """The same items, kept on `target`."""
        return SeriesItems(self.windows, self.origins.to(target), self.frames.to(target))

    def batch_count(self, batch: int) -> int:
        """Batches in one epoch; the last may be smaller."""
        return -(-len(self) // batch)

    def batches(self, batch: int, seed: int, epoch: int, start: int) -> Iterator[Batch]:
        """One epoch from batch `start` on, in an order that the seed and the epoch alone decide.

        A series that is one batch needs none, and a small network would wait for it as long as it computes.
        """
        if len(self) <= batch:
            return iter([self._whole()][start:])
        order = torch.from_numpy(permutation(len(self), 2, seed, epoch))
        return (self.take(part) for part in order[start * batch :].split(batch))

    def in_order(self, batch: int) -> Iterator[Batch]:
        """Every item once."""
        return (self.take(part) for part in torch.arange(len(self)).split(batch) if len(part))

    def _whole(self) -> Batch:
        if not self.kept:
            self.kept.append(self.take(torch.arange(len(self))))
        return self.kept[0]

    def take(self, index: Tensor) -> Batch:
        """The items at these positions, in this order: series by series for each origin."""
        spec, count = self.windows.spec, len(self.frames)
        index = index.to(self.frames.device)
        starts = self.origins[index // count] - spec.window
        whole = self.frames.unfold(1, spec.window + spec.horizon, 1)[index % count, starts].transpose(1, 2).contiguous()
        y = whole[:, spec.window :, 0].clone()
        whole[:, spec.window :, 0] = 0  # a network that looks ahead sees nothing
        return Batch(whole, y)


def items(windows: Windows, origins: NDArray[np.int64]) -> SeriesItems:
    """Items of every series at these origins."""
    return SeriesItems(windows, torch.from_numpy(origins), windows.frames)
