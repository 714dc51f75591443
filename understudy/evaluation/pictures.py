"""Pictures of what a network makes: copies, cleaned items, samples."""

import torch
from torch import Tensor

from understudy.data.batches import order
from understudy.data.dataset import Batch, Dataset, Items
from understudy.data.spec import ImageSpec, Spec, VectorSpec
from understudy.evaluation.figures import Figure, grid, groups
from understudy.models.capabilities import Denoises, Reconstructs, Samples

SHOWN = 16  # pictures in a row
PLANE_POINTS = 1000


def some(items: Items, count: int, seed: int) -> Batch:
    """Up to `count` items of a split, chosen by the seed alone."""
    return items.take(order(len(items), seed, 0)[:count])


def compare_rows(name: str, title: str, caption: str, rows: dict[str, Tensor], spec: Spec) -> list[Figure]:
    """Versions of the same items: one below the other for pictures, clouds of points in the plane, else nothing.

    Shapes: each row is (count, *spec.shape).
    """
    if isinstance(spec, ImageSpec):
        shown = torch.cat([row[:SHOWN].cpu() for row in rows.values()])
        columns = min(SHOWN, len(next(iter(rows.values()))))
        return [Figure(name, title, caption, image=grid(shown, columns))]
    if not isinstance(spec, VectorSpec) or spec.features != 2:
        return []
    clouds = {label: torch.from_numpy(spec.to_user(row.cpu().numpy())) for label, row in rows.items()}
    return [Figure(name, title, "The plane of the data.", plot=groups(clouds, ("x", "y")))]


def reconstructions(network: Reconstructs, data: Dataset, *, seed: int) -> list[Figure]:
    """Test items and their copies."""
    x = some(data.test, _count(data.spec), seed).x
    rows = {"test items": x, "copies": network.reconstruct(x)}
    caption = "Test items above, the network's copies below."
    return compare_rows("reconstructions", "Reconstructions", caption, rows, data.spec)


def denoised(network: Denoises, data: Dataset, *, seed: int) -> list[Figure]:
    """Clean, noisy and denoised test items."""
    x = some(data.test, _count(data.spec), seed).x
    noisy = network.corrupt(x, torch.Generator(x.device).manual_seed(seed))
    rows = {"clean": x, "noisy": noisy, "denoised": network.reconstruct(noisy)}
    caption = "Clean test items, the same with noise, and what the network makes of the noisy ones."
    return compare_rows("denoised", "Noise taken away", caption, rows, data.spec)


def samples(network: Samples, data: Dataset, *, seed: int) -> list[Figure]:
    """New items, chosen by nobody: the first ones that the seed gives."""
    if isinstance(data.spec, ImageSpec):
        drawn = network.sample(SHOWN * 4, torch.Generator().manual_seed(seed))
        caption = "Drawn from noise: the first ones that the seed gives, none left out."
        return [Figure("samples", "Samples", caption, image=grid(drawn.cpu(), SHOWN))]
    drawn = network.sample(PLANE_POINTS, torch.Generator().manual_seed(seed))
    real = some(data.test, PLANE_POINTS, seed).x
    return compare_rows("samples", "Samples", "", {"test items": real, "samples": drawn}, data.spec)


def _count(spec: Spec) -> int:
    return SHOWN if isinstance(spec, ImageSpec) else PLANE_POINTS
