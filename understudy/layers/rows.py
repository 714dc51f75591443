"""Several rows to one source: how they are put together, so that what the source has need not be copied for each."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Rows:
    """Rows of a batch, each of one source.

    Attributes:
        sources: which source each row belongs to: (rows,).
        count: sources.
        width: the most rows that a source has.
        cells: where each row stands in a grid of `count` times `width`, read row by row; None: one row to each source,
            in order.
    """

    sources: Tensor
    count: int
    width: int = 1
    cells: Tensor | None = None

    @classmethod
    def one_each(cls, count: int, device: torch.device) -> "Rows":
        """As many rows as sources."""
        return cls(torch.arange(count, device=device), count)

    def at(self, places: Tensor) -> tuple[Tensor, "Rows"]:
        """The sources that rows `places` still have, and these rows, whose sources are counted anew."""
        kept, sources, counts = self.sources[places].unique(return_inverse=True, return_counts=True)
        order = sources.argsort(stable=True)
        ranks = torch.empty_like(order)
        ranks[order] = torch.arange(len(order), device=order.device) - (counts.cumsum(0) - counts)[sources[order]]
        width = int(counts.max()) if len(counts) else 1
        return kept, Rows(sources, len(kept), width, sources * width + ranks)

    def together(self, values: Tensor) -> Tensor:
        """Each source's rows side by side, with zeros where it has fewer: (rows, steps, n) -> (sources, steps', n)."""
        if self.cells is None:
            return values
        steps, size = values.shape[1:]
        grid = values.new_zeros(self.count * self.width, steps, size).index_copy(0, self.cells, values)
        return grid.view(self.count, self.width * steps, size)

    def apart(self, values: Tensor, steps: int) -> Tensor:
        """Back again: (sources, steps', n) -> (rows, steps, n)."""
        if self.cells is None:
            return values
        return values.reshape(self.count * self.width, steps, values.shape[2])[self.cells]
