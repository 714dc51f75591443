"""What of a network's output depends on what of its input, by changing one part and looking at the other."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Function = Callable[[Tensor], Tensor]
"""A network without chance: the same input gives the same output."""

SEED = 20_011
BLIND = 1e-4
"""Change of an output, over its size, below which it does not depend on what was changed."""


def shuffled(x: Tensor, part: Tensor) -> Tensor:
    """The same with the values of one part replaced by others of its own, drawn anew: nothing foreign to the network.

    Shapes: (batch, ...), a mask of the same shape -> (batch, ...)
    """
    draw = torch.Generator().manual_seed(SEED)
    values = x[part]
    places = torch.randint(len(values), (len(values),), generator=draw).to(x.device)
    changed = x.clone()
    changed[part] = values[places]
    return changed


def influence(function: Function, x: Tensor, part: Tensor, seen: Tensor) -> tuple[float, float]:
    """How far the outputs that `seen` selects, and all others, move when a part of the input does.

    Shapes:
        x, part: (batch, ...)
        seen: a mask over the leading axes of the output.

    Returns:
        the largest change of each, over the size of outputs (their root mean square).
    """
    with torch.no_grad():
        before, after = function(x).float(), function(shuffled(x, part)).float()
    scale = before.square().mean().sqrt().clamp_min(1e-12)
    change = (after - before).abs() / scale
    return _largest(change[seen]), _largest(change[~seen])


def _largest(change: Tensor) -> float:
    return change.max().item() if change.numel() else 0.0


def _mask(like: Tensor, axis: int, chosen: slice) -> Tensor:
    mask = torch.zeros(like.shape, dtype=torch.bool, device=like.device)
    mask[(slice(None),) * axis + (chosen,)] = True
    return mask


def mixing(function: Function, x: Tensor) -> tuple[float, float]:
    """How far one half of a batch moves the outputs of the other half, and its own.

    Shapes: x is (batch, ...), the output too.
    """
    half = len(x) // 2
    ends = slice(0, half), slice(half, None)
    found = []
    for mine in ends:
        seen = torch.ones(len(x), dtype=torch.bool, device=x.device)
        seen[mine] = False
        found.append(influence(function, x, _mask(x, 0, mine), seen))
    return max(other for other, _ in found), min(own for _, own in found)


def foresight(function: Function, x: Tensor) -> tuple[float, float]:
    """How far the second half of a sequence moves the outputs of the first half, and its own.

    Shapes: x is (batch, time, ...), the output too.
    """
    middle = x.shape[1] // 2
    seen = torch.zeros(x.shape[:2], dtype=torch.bool, device=x.device)
    seen[:, :middle] = True
    return influence(function, x, _mask(x, 1, slice(middle, None)), seen)


def padded(function: Function, x: Tensor, padding: int, more: int = 4) -> float:
    """How far outputs move when items are filled up further, over their size.

    Shapes: x is (batch, time), int64; the output (batch, ...), of which the places of `x` are compared where it has
        more of them when `x` has.
    """
    longer = torch.cat([x, x.new_full((len(x), more), padding)], 1)
    with torch.no_grad():
        before, after = function(x).float(), function(longer).float()
    if before.shape != after.shape:
        real = x != padding
        before, after = before[real], after[:, : x.shape[1]][real]
    scale = before.square().mean().sqrt().clamp_min(1e-12)
    return ((after - before).abs().max() / scale).item()
