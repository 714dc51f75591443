"""Forecasts in the user's units: the future's dates, longer horizons, several series apart."""

import numpy as np
import pytest
import torch
from made import SPECS, windows_of

from understudy import models
from understudy.data.series import Series, Windows
from understudy.data.spec import SeriesSpec
from understudy.decoding.forecasting import forecast
from understudy.models.forecaster import Forecaster

STEPS, MONTHS = SPECS["steps"], SPECS["months"]
assert isinstance(STEPS, SeriesSpec)
assert isinstance(MONTHS, SeriesSpec)


def build(spec: SeriesSpec, **options: object) -> Forecaster:
    torch.manual_seed(0)
    network = models.build("forecaster", {"hidden_dim": 8, **options}, spec)
    assert isinstance(network, Forecaster)
    return network.eval()


@pytest.mark.parametrize("loss", ["mse", "pinball"])
def test_the_future_has_dates_values_and_intervals(loss: str) -> None:
    network, windows = build(MONTHS, loss=loss, head="direct"), windows_of(MONTHS, 20).windows
    network.margins[:] = torch.tensor([[1.0], [2.0]])
    found = forecast(network, windows, len(windows.series))
    assert found.dates == windows.series.dates(len(windows.series), 12)
    assert found.values.shape == found.seasonal_naive.shape == (1, 12)
    assert found.low.shape == found.high.shape == (2, 1, 12)
    assert (found.low[1] < found.low[0]).all() and (found.low[0] < found.values).all()
    assert (found.values < found.high[0]).all() and (found.high[0] < found.high[1]).all()
    if loss == "mse":
        assert np.allclose(found.high[0] - found.values, MONTHS.scale[0])  # a margin of 1 on the network's scale
    assert np.array_equal(found.seasonal_naive, windows.series.values[:, -12:])


@pytest.mark.parametrize("head", ["direct", "recursive"])
@pytest.mark.parametrize("spec", [MONTHS, STEPS], ids=["months", "steps"])
def test_a_longer_horizon_goes_on_from_its_own_forecast_and_a_shorter_is_its_beginning(
    head: str, spec: SeriesSpec
) -> None:
    network, windows = build(spec, head=head), windows_of(spec, 20).windows
    network.margins[:] = 1.0
    origin, horizon = len(windows.series), spec.horizon
    learnt = forecast(network, windows, origin)
    long, short = (forecast(network, windows, origin, steps) for steps in (horizon + 3, 2))
    assert np.array_equal(short.values, learnt.values[:, :2])
    assert np.array_equal(long.values[:, :horizon], learnt.values)
    assert len(long.dates) == horizon + 3
    assert np.isfinite(long.low[..., :horizon]).all() and np.isnan(long.low[..., horizon:]).all()
    whole = Series(windows.series.axis, windows.series.names, np.hstack([windows.series.values, learnt.values]))
    further = forecast(network, Windows(whole, spec, windows.offset, windows.scale), origin + horizon)
    assert np.allclose(long.values[:, horizon:], further.values[:, :3])


def test_a_series_is_forecast_as_if_it_were_alone() -> None:
    network, windows = build(STEPS), windows_of(STEPS, 20).windows
    both = forecast(network, windows, 20)
    for place in (0, 1):
        alone = Series(windows.series.axis, ("x",), windows.series.values[place : place + 1])
        one = Windows(alone, STEPS, windows.offset[place : place + 1], windows.scale[place : place + 1])
        assert np.allclose(forecast(network, one, 20).values[0], both.values[place], rtol=1e-5)


def test_a_logarithm_makes_forecasts_of_shares() -> None:
    """A series ten times as large is forecast ten times as large."""
    spec = SeriesSpec(("a",), "n1", 6, 5, 8, True, "seasonal", offset=(0.1,), scale=(0.2,))
    network, windows = build(spec), windows_of(spec, 20).windows
    larger = Series(windows.series.axis, ("a",), 10 * windows.series.values)
    tenfold = forecast(network, Windows(larger, spec, windows.offset, windows.scale), 25)
    assert np.allclose(tenfold.values, 10 * forecast(network, windows, 25).values, rtol=1e-4)
