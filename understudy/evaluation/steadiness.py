"""How far does a code move when its picture moves by a pixel?"""

from collections.abc import Callable

import torch
from torch import Tensor

from understudy.data.batches import at_once
from understudy.data.dataset import Dataset
from understudy.data.spec import ImageSpec
from understudy.evaluation.figures import Figure, grid
from understudy.evaluation.latent import Coder
from understudy.evaluation.pictures import some
from understudy.evaluation.reconstruction import principal_of
from understudy.models.capabilities import Encodes

MEASURED = 500
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
    x = some(data.test, min(MEASURED, at_once(data.spec)), seed).x
    principal = principal_of(network, data, seed)
    ways: dict[str, Callable[[Tensor], Tensor]] = {
        "": network.encode,
        "pca_": principal.encode,
        "raw_": lambda x: x.flatten(1),
    }
    found = {}
    for name, way in ways.items():
        here = way(x).flatten(1)
        moved = [(way(shifted(x, *shift)).flatten(1) - here).norm(dim=1).mean() for shift in SHIFTS]
        apart = (here - here.roll(1, 0)).norm(dim=1).mean().clamp_min(1e-12)
        found[f"{name}shift_sensitivity"] = float(torch.stack(moved).mean() / apart)
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
