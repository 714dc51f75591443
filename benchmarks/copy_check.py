"""Whom does the copy check catch? Networks whose copying is known, made of MNIST's own splits.

    python benchmarks/copy_check.py

Prints the table of docs/generated.md. Needs MNIST; half a minute.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from understudy.data.dataset import Items
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.evaluation.copies import score_copies

SEEDS = range(3)
FEW = 1_000


@dataclass(frozen=True)
class Gives:
    """A network that gives pictures of one split, or of another for the rest of its samples, worked on or not."""

    items: Items
    share: float = 1.0
    rest: Items | None = None
    change: Callable[[Tensor, Generator], Tensor] = lambda x, generator: x

    def sample(self, count: int, generator: Generator) -> Tensor:
        """-> (count, 1, 28, 28)."""
        x = self.change(self._some(self.items, count, generator), generator)
        if self.rest is None:
            return x
        kept = torch.rand(count, 1, 1, 1, generator=generator) < self.share
        return torch.where(kept, x, self._some(self.rest, count, generator))

    @staticmethod
    def _some(items: Items, count: int, generator: Generator) -> Tensor:
        return items.take(torch.randint(len(items), (count,), generator=generator)).x


def noisy(x: Tensor, generator: Generator) -> Tensor:
    return (x + 0.1 * torch.randn(x.shape, generator=generator)).clamp(0, 1)


def blurred(x: Tensor, generator: Generator) -> Tensor:
    return F.avg_pool2d(x, 3, 1, padding=1)


def moved(x: Tensor, generator: Generator) -> Tensor:
    return torch.roll(x, 1, 3)


def main() -> None:
    torch.set_num_threads(1)
    print(f"| it gives | 54,000 training pictures | {FEW:,} |\n|---|---|---|")
    rows: dict[str, list[str]] = {}
    for count in (None, FEW):
        data = load("mnist", DataOptions(train_items=count))
        train, fresh = data.train, data.validation
        networks = {
            "training pictures": Gives(train),
            "training pictures, with noise of 0.1": Gives(train, change=noisy),
            "one in five a training picture, else unseen ones": Gives(train, 0.2, fresh),
            "training pictures, moved by a pixel": Gives(train, change=moved),
            "unseen pictures": Gives(fresh),
            "unseen pictures, blurred": Gives(fresh, change=blurred),
        }
        for name, network in networks.items():
            found = [100 * score_copies(network, data, seed=seed)["copied"] for seed in SEEDS]
            rows.setdefault(name, []).append(f"{min(found):.1f} to {max(found):.1f}%")
    for name, cells in rows.items():
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
