"""A forecast in the user's own units and dates."""

from dataclasses import dataclass
from typing import cast

import numpy as np
import torch

from understudy.data.dataset import Batch
from understudy.data.series import Series, Windows, items
from understudy.decoding.naive import Floats, seasonal_naive
from understudy.models.capabilities import Forecasts
from understudy.models.forecaster import LEVELS


@dataclass(frozen=True, eq=False)
class Forecast:
    """What a network says of the steps from an origin on.

    Attributes:
        series: what it was made from; steps from `origin` on were not seen.
        levels: shares of the truth that the intervals are to hold, such as 0.8.

    Shapes:
        values, seasonal_naive: (series, horizon), in the user's own units.
        low, high: (levels, series, horizon); not finite where the network knows no margin.
    """

    series: Series
    origin: int
    season: int
    values: Floats
    seasonal_naive: Floats
    levels: tuple[float, ...]
    low: Floats
    high: Floats

    @property
    def names(self) -> tuple[str, ...]:
        """The series, in the order of the values."""
        return self.series.names

    @property
    def dates(self) -> list[str]:
        """The dates of the steps that are forecast."""
        return self.series.dates(self.origin, self.values.shape[1])


def forecast(network: Forecasts, windows: Windows, origin: int, horizon: int | None = None) -> Forecast:
    """Forecast every series from `origin` on, with what is before it alone.

    A horizon beyond the one that the network learnt goes on from its own forecasts, without intervals.

    Args:
        origin: the first step to forecast; at most the series' length, which is the future.
        horizon: steps; unset: as many as the network learnt.
    """
    spec = windows.spec
    asked = horizon or spec.horizon
    values, low, high = said(network, windows, origin)
    known = windows.series.values[:, :origin]
    while values.shape[1] < asked:
        longer = np.concatenate([known, values], 1)
        series = Series(windows.series.axis, windows.series.names, longer)
        further, *_ = said(network, Windows(series, spec, windows.offset, windows.scale), longer.shape[1])
        values = np.concatenate([values, further], 1)
    missing = np.full((*low.shape[:2], values.shape[1] - low.shape[2]), np.nan)
    low, high = (np.concatenate([ends, missing], 2)[..., :asked] for ends in (low, high))
    return Forecast(
        windows.series,
        origin,
        spec.season,
        values[:, :asked],
        seasonal_naive(known, spec.season, asked),
        LEVELS,
        low,
        high,
    )


def said(network: Forecasts, windows: Windows, origin: int) -> tuple[Floats, Floats, Floats]:
    """Values, and low and high ends, for one learnt horizon from `origin` on.

    Shapes: (series, horizon), twice (levels, series, horizon)
    """
    found = items(windows, np.array([origin]))
    batch: Batch = found.take(torch.arange(len(found)))
    device = next(cast(torch.nn.Module, network).parameters()).device
    with torch.no_grad():
        outputs = network.forecast(batch.x.to(device))
        ends = network.intervals(outputs)
        point = network.point(outputs)
    values, low, high = (part.double().cpu().numpy() for part in (point, *ends))
    return (
        windows.to_user(values, origin),
        np.stack([windows.to_user(part, origin) for part in low]),
        np.stack([windows.to_user(part, origin) for part in high]),
    )
