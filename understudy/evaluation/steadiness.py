"""How far does a code move when its picture moves by a pixel?"""

from collections.abc import Callable

import torch
from torch import Tensor

from understudy.data.batches import at_once, order
from understudy.data.dataset import Dataset
from understudy.data.spec import ImageSpec
from understudy.evaluation.codes import latent
from understudy.evaluation.figures import Figure, grid
from understudy.evaluation.latent import Coder
from understudy.evaluation.pictures import some
from understudy.evaluation.reconstruction import principal_of
from understudy.models.capabilities import Encodes

MEASURED = 500
HELD_VALUES = 4_000_000
"""Of pictures, whose raw values are held for comparison."""
SHIFTS = ((0, 1), (0, -1), (1, 0), (-1, 0))
DRAWN, REACH = 8, 2


def shifted(x: Tensor, down: int, right: int) -> Tensor:
    """Pictures moved by whole pixels; what enters is the border's own: (batch, channels, height, width) -> the same."""
    rows = (torch.arange(x.shape[2]) - down).clamp(0, x.shape[2] - 1).to(x.device)
    columns = (torch.arange(x.shape[3]) - right).clamp(0, x.shape[3] - 1).to(x.device)
    return x[:, :, rows][:, :, :, columns]


def score_steadiness(network: Encodes, data: Dataset, *, seed: int) -> dict[str, float]:
    """Mean distance that a code moves under a shift by one pixel, as a share of the distance between two items' codes.

    0: it does not notice; 1: it is as far as another picture. Beside it the pixels' own, and PCA's of that size.
    """
    if not isinstance(data.spec, ImageSpec) or len(data.test) < 2:
        return {}
    principal = principal_of(network, data, seed)
    count = max(2, min(MEASURED, HELD_VALUES // data.spec.size))
    parts = order(len(data.test), seed, 0)[:count].split(at_once(data.spec))
    ways: dict[str, Callable[[Tensor], Tensor]] = {
        "": latent(network),
        "pca_": principal.encode,
        "raw_": lambda x: x.flatten(1),
    }
    found = {}
    for name, way in ways.items():
        here, moved = [], torch.zeros(())
        for part in parts:
            x = data.test.take(part).x
            here.append(way(x).flatten(1).cpu())
            for shift in SHIFTS:
                moved = moved + (way(shifted(x, *shift)).flatten(1).cpu() - here[-1]).norm(dim=1).sum()
        codes = torch.cat(here)
        apart = (codes - codes.roll(1, 0)).norm(dim=1).mean().item()
        if apart < 1e-6 * codes.norm(dim=1).mean().item():  # one code for all: nothing to be measured by
            return {}
        found[f"{name}shift_sensitivity"] = moved.item() / (len(SHIFTS) * len(codes)) / apart
    return found


def shifts(network: Coder, data: Dataset, *, seed: int) -> list[Figure]:
    """Test items moved by up to two pixels, and their copies."""
    if not isinstance(data.spec, ImageSpec):
        return []
    x = some(data.test, DRAWN, seed).x
    moved = [shifted(x, 0, right) for right in range(-REACH, REACH + 1)]
    # Each item's five places stand side by side, above their copies.
    above = torch.stack(moved, 1).flatten(0, 1)  # (items * places, *spec.shape)
    below = network.decode(network.encode(above))
    columns = len(moved) * min(DRAWN // 2, len(x))
    halves = [torch.cat([a, b]) for a, b in zip(above.split(columns), below.split(columns), strict=True)]
    caption = (
        f"Test items moved by {-REACH} to {REACH} pixels, their copies below. The less the copies follow, the less the "
        "code tells of the place."
    )
    return [Figure("shifts", "Small shifts", caption, image=grid(torch.cat(halves).cpu(), columns))]
