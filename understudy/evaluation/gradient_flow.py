"""How far back does a network's gradient reach: trained, and as it began?"""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial, reduce
from typing import Any

import torch
from torch import Tensor

from understudy.data.batches import order
from understudy.data.dataset import Items
from understudy.data.text import TextItems
from understudy.errors import DataError, RunError
from understudy.evaluation.figures import Figure
from understudy.evaluation.jacobians import KEPT, Flow, flow, readings, units
from understudy.layers.recurrent import RecurrentLayer
from understudy.models.capabilities import Remembers
from understudy.models.network import Network

THRESHOLDS = {"1/e": 1 / math.e, "1/100": 0.01}
ITEMS, PLACES, LARGE = 4, 4, 256
"""Items, and places of each, from which the gradient is followed; one of both where a layer has more units than this,
for the work grows with their cube."""
SHOWN = (1e-9, 1e3)
"""What a figure draws; a curve ends where it leaves this range."""
AT = (1, 2, 5, 10, 20, 50, 100, 200, 500)

Found = Mapping[str, Mapping[str, Flow]]
"""The flow of each recurrent layer by its name, for each network by its own."""


def untrained(network: Network, seed: int) -> Network:
    """The network as a run with this seed begins with it; the global random state is left as it was."""
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        return type(network)(network.config, network.spec).eval()


def gradient_flow(network: Network, items: Items, *, seed: int, steps: int, count: int | None) -> dict[str, Flow]:
    """The flow of each recurrent layer on some of the items, over up to `steps` steps: what half of them have.

    Args:
        count: items; None: as many as the layers' size allows.

    Raises:
        RunError: no recurrent layer reads the items.
        DataError: they are too short for a gradient through time.
    """
    assert isinstance(network, Remembers)
    layers_of = [units(layer) for layer in network.modules() if isinstance(layer, RecurrentLayer)]
    large = max(layers_of, default=0) > LARGE
    count = count or (1 if large else ITEMS)
    with torch.no_grad():
        read = [readings(network, partial(network.recurrence, x)) for x in some(items, steps, count, seed)]
    if not read[0]:
        raise RunError("no recurrent layer of this network reads its items; an encoder of another kind does")
    times = [min(x.shape[1] for _, x in layers.values()) for layers in read]
    steps = min(steps, sorted(times)[len(times) // 2] - 1)
    if steps < 1:
        raise DataError("a gradient through time needs items of 2 steps or more; these have 1")
    enough = [layers for layers, time in zip(read, times, strict=True) if time > steps]
    return {
        name: reduce(Flow.with_places_of, (flow(*layers[name], steps, 1 if large else PLACES) for layers in enough))
        for name in read[0]
    }


def some(items: Items, steps: int, count: int, seed: int) -> list[Tensor]:
    """Some items, one by one, drawn by the seed; of a text, stretches half as long again as the steps."""
    if isinstance(items, TextItems):
        items = replace(items, window=min(max(2, steps * 3 // 2), max(1, len(items) - 1)))
    return [items.take(place[None]).x for place in order(len(items), seed, 0)[:count]]


def horizon(norms: Tensor, threshold: float) -> int | None:
    """The memory horizon in steps: the smallest k at which the median norm is below the threshold, if it ever is.

    Shapes: norms is (places, steps + 1), for k = 0, 1, ...
    """
    below = (middle(norms) < threshold).nonzero()
    return int(below[0]) if len(below) else None


def middle(norms: Tensor) -> Tensor:
    """The median over places: (places, steps + 1) -> (steps + 1,)."""
    return norms.quantile(0.5, 0)


def figures(found: Found) -> list[Figure]:
    """The gradient through each layer's time, and a table of the memory horizons."""
    names = list(next(iter(found.values())))
    drawn = [
        Figure(
            f"gradient-flow-{name}", f"Gradient through time: {name}", caption(found, name), plot=curves(found, name)
        )
        for name in names
    ]
    how_far = (
        "The memory horizon: after how many steps the median norm of the gradient is below 1/e and below 1/100 of "
        "what it was."
    )
    return [*drawn, Figure("memory-horizon", "Memory horizon in steps", how_far, plot=horizons(found))]


def caption(found: Found, layer: str) -> str:
    """What a layer's figure shows."""
    shown = next(iter(found.values()))[layer]
    text = (
        "Norm of d state(m + k) / d state(m) on held-out items: how much of a gradient is left k steps back. Median of "
        f"{len(shown.norms)} places m, and the band in which 8 of 10 lie."
    )
    if shown.limit is not None:
        return (
            f"{text} Dashed: what it can be at most, (largest slope \u00b7 |U|)^k, and with the slopes that were met."
        )
    return text + (f" Dashed: {KEPT[shown.cell]}, of the unit that keeps most." if shown.kept is not None else "")


def curves(found: Found, layer: str) -> dict[str, Any]:
    """One layer's norms, the networks' one over the other, as a plot of lines."""
    series = []
    for name, layers in found.items():
        norms = layers[layer].norms
        low, high = (torch.quantile(norms, share, dim=0) for share in (0.1, 0.9))
        series.append(
            {
                **_line(name, middle(norms)),
                "low": _drawn(low, to_edge=True),
                "high": _drawn(high, to_edge=True),
            }
        )
        series += [_line(f"{name}: {what}", curve, "dashed") for what, curve in beside(layers[layer]).items()]
    return {
        "kind": "lines",
        "x_label": "k, steps back",
        "y_label": "norm of the gradient",
        "log_x": False,
        "log_y": True,
        "series": series,
    }


def beside(shown: Flow) -> dict[str, Tensor]:
    """What theory says of the flow, as curves over k."""
    known = {
        "bound": shown.limit,
        "bound with the slopes met": None if shown.met is None else middle(shown.met),
        KEPT.get(shown.cell, ""): None if shown.kept is None else middle(shown.kept),
    }
    return {name: curve for name, curve in known.items() if curve is not None}


def _line(name: str, curve: Tensor, style: str = "line") -> dict[str, Any]:
    return {"name": name, "x": list(range(len(curve))), "y": _drawn(curve), "style": style}


def _drawn(curve: Tensor, *, to_edge: bool = False) -> list[float | None]:
    """A curve's values; those outside of what is shown are left out, or brought to the edge."""
    if to_edge:
        return list(curve.clamp(*SHOWN).tolist())
    return [value if SHOWN[0] <= value <= SHOWN[1] else None for value in curve.tolist()]


def norms_table(found: Found, layer: str) -> dict[str, Any]:
    """One layer's median norms, and what theory says, at some k."""
    columns: dict[str, Tensor] = {}
    for name, layers in found.items():
        columns[name] = middle(layers[layer].norms)
        columns |= {f"{name}: {what}": curve for what, curve in beside(layers[layer]).items()}
    steps = len(next(iter(columns.values()))) - 1
    rows = [[k, *(curve[k].item() for curve in columns.values())] for k in AT if k <= steps]
    return {"kind": "table", "columns": ["k", *columns], "rows": rows}


def horizons(found: Found) -> dict[str, Any]:
    """Memory horizons of every layer, network by network."""
    rows = [
        [name, layer, *(_told(its.norms, threshold) for threshold in THRESHOLDS.values())]
        for name, layers in found.items()
        for layer, its in layers.items()
    ]
    return {"kind": "table", "columns": ["network", "layer", *(f"below {it}" for it in THRESHOLDS)], "rows": rows}


def _told(norms: Tensor, threshold: float) -> str:
    found = horizon(norms, threshold)
    return f"more than {norms.shape[1] - 1}" if found is None else str(found)
