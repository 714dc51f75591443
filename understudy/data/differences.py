"""From a series to what a network learns of it, and back: logarithm, differences, scale."""

from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Differencing = Literal["none", "first", "seasonal"]
Scaling = Literal["standard", "min-max", "rms"]
Floats = NDArray[np.float64]


def lag(differencing: Differencing, season: int) -> int:
    """Steps from a value to the one that is taken from it; 0 where none is."""
    return {"none": 0, "first": 1, "seasonal": season}[differencing]


def differences(levels: Floats, steps: int) -> Floats:
    """Each value less the one `steps` before; the first `steps` have none and are dropped: (..., time)."""
    return levels[..., steps:] - levels[..., :-steps] if steps else levels


def integrate(changes: Tensor, steps: int) -> Tensor:
    """What differences add up to from the origin on; the inverse of `differences`, but for what was before.

    Shapes: (..., horizon) -> the same
    """
    horizon = changes.shape[-1]
    if not steps or horizon <= steps:  # nothing to add up
        return changes
    blocks = -(-horizon // steps)
    padded = torch.nn.functional.pad(changes, (0, blocks * steps - horizon))
    whole: Tensor = padded.unflatten(-1, (blocks, steps)).cumsum(-2).flatten(-2)
    return whole[..., :horizon]


def base(levels: Floats, steps: int, offset: Floats, horizon: int) -> Floats:
    """The levels that follow if every difference is `offset`.

    Args:
        levels: all that is known, (series, time).
        offset: (series,).

    Shapes: -> (series, horizon)
    """
    ahead = np.arange(horizon)
    if not steps:
        return np.repeat(offset[:, None], horizon, 1)
    last = levels[:, levels.shape[1] - steps :]
    return np.asarray(last[:, ahead % steps] + offset[:, None] * (1 + ahead // steps))


SCALINGS: dict[Scaling, Callable[[Floats], tuple[Floats, Floats]]] = {
    "standard": lambda changes: (changes.mean(1), changes.std(1)),
    "min-max": lambda changes: (changes.min(1), np.ptp(changes, 1)),
    "rms": lambda changes: (np.zeros(len(changes)), np.sqrt(np.square(changes).mean(1))),
}


def fitted(changes: Floats, scaling: Scaling) -> tuple[Floats, Floats]:
    """Offset and scale of each row: (row - offset) / scale is standard, in [0, 1], or of mean square 1 with 0 kept.

    Shapes: (series, time) -> (series,), (series,)
    """
    offset, scale = SCALINGS[scaling](changes)
    level = np.abs(changes).max(1)
    return offset, np.where(scale > 1e-12 * level, scale, np.where(level > 0, level, 1.0))
