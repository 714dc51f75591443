"""Pictures that stay in their files until they are asked for."""

import dataclasses
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, device

from understudy.data.dataset import Batch
from understudy.data.decode import decode
from understudy.data.memory import unit_floats
from understudy.data.paths import Paths
from understudy.data.splits import Positions
from understudy.errors import DataError

_CPU = torch.device("cpu")


@dataclass(frozen=True)
class PictureItems:
    """A split whose pictures are decoded when they are asked for, on a few threads.

    Attributes:
        places: which of the files belong to this split.
        shape: of one picture, (channels, height, width).
        resize: bring every picture to that height and width; otherwise they must have it.
    """

    paths: Paths
    places: Positions
    shape: tuple[int, int, int]
    resize: bool
    y: Tensor | None = None
    target: device = _CPU

    def __len__(self) -> int:
        return len(self.places)

    def take(self, index: Tensor) -> Batch:
        """The items at these positions, in this order."""
        return self.batch(index, self.pixels(index))

    def to(self, target: device) -> "PictureItems":
        """The same items, delivered on `target`."""
        return self if target == self.target else dataclasses.replace(self, target=target)

    def only(self, index: Tensor) -> "PictureItems":
        """Some of the items, in this order."""
        y = None if self.y is None else self.y[index]
        return dataclasses.replace(self, places=self.places[index.numpy()], y=y)

    def pixels(self, index: Tensor) -> Tensor:
        """The pictures at these positions, decoded.

        Shapes: (batch, *shape), uint8, on the CPU.
        """
        pixels = torch.empty((len(index), *self.shape), dtype=torch.uint8)
        self.decode_into(pixels.numpy(), self.places[index.numpy()])
        return pixels

    def decode_into(self, pixels: NDArray[np.uint8], places: Positions) -> None:
        """Fill `pixels` with the pictures at these places in the list of files."""
        workers = max(1, min(_cores(), len(places)))
        with ThreadPoolExecutor(workers, thread_name_prefix="understudy-decode") as pool:
            shares = [range(first, len(places), workers) for first in range(workers)]
            for done in [pool.submit(self._fill, pixels, places, slots) for slots in shares]:
                done.result()

    def batch(self, index: Tensor, pixels: Tensor) -> Batch:
        """Decoded pictures as the network sees them, with their labels, on the target."""
        y = None if self.y is None else self.y.index_select(0, index).to(self.target)
        return Batch(unit_floats(pixels.to(self.target)), y)

    def _fill(self, pixels: NDArray[np.uint8], places: Positions, slots: Iterable[int]) -> None:
        channels, height, _ = self.shape
        for slot in slots:
            path = self.paths[places[slot]]
            picture = decode(path, channels, height if self.resize else None)
            if picture.shape != self.shape:
                raise DataError(f"'{path}' has shape {picture.shape}, and had {self.shape} when the folder was read")
            pixels[slot] = picture


def _cores() -> int:
    # Not every system tells which cores are this process's own.
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(8, own)  # more threads than that wait for each other in Python
