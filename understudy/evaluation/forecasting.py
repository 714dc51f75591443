"""How far is a forecast from what came, and what would forecasts without a network have made of it?"""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from understudy.data.dataset import Dataset
from understudy.data.series import SeriesItems, Windows
from understudy.decoding.forecasting import Forecast, forecast
from understudy.decoding.naive import NAIVE
from understudy.evaluation.figures import Figure
from understudy.models.capabilities import Forecasts

Floats = NDArray[np.float64]
HISTORY = 4  # seasons that a figure shows before the forecast
MOST_SHOWN = 4  # series that get a figure


def mae(truth: Floats, forecast: Floats) -> float:
    """Mean absolute error, in the user's own units."""
    return float(np.abs(truth - forecast).mean())


def mse(truth: Floats, forecast: Floats) -> float:
    """Mean squared error, in the user's own units, squared."""
    return float(np.square(truth - forecast).mean())


def mape(truth: Floats, forecast: Floats) -> float:
    """Mean absolute error as a percentage of the truth, which is above 0 everywhere."""
    return float(100 * np.abs((truth - forecast) / truth).mean())


def smape(truth: Floats, forecast: Floats) -> float:
    """Mean of 200 |truth - forecast| / (|truth| + |forecast|); 0 where both are 0.

    Reference:
        Makridakis et al., 2018, The M4 Competition, International Journal of Forecasting 34, section 3.
    """
    size = np.abs(truth) + np.abs(forecast)
    return float(200 * (np.abs(truth - forecast) / np.where(size > 0, size, 1)).mean())


def mase(truth: Floats, forecast: Floats, history: Floats, season: int) -> float:
    """Mean absolute error over that of the seasonal naive forecast within the history; the mean over series.

    Reference:
        Hyndman and Koehler, 2006, Another look at measures of forecast accuracy, section 3.
    """
    steps = np.abs(history[:, season:] - history[:, :-season]).mean(1)
    return float((np.abs(truth - forecast).mean(1) / np.where(steps > 0, steps, np.nan)).mean())


def scaled_mse(truth: Floats, forecast: Floats, history: Floats) -> float:
    """Mean squared error on the scale on which the history fills 0 to 1, series by series."""
    span = np.ptp(history, 1)[:, None]
    return float(np.square((truth - forecast) / np.where(span > 0, span, np.nan)).mean())


def errors(truth: Floats, forecast: Floats, history: Floats, season: int) -> dict[str, float]:
    """Every error of one forecast; an error that these numbers do not have is left out.

    Shapes: truth, forecast (series, horizon); history (series, time), what was known before.
    """
    squared = mse(truth, forecast)
    found = {
        "mae": mae(truth, forecast),
        "mse": squared,
        "rmse": squared**0.5,
        "scaled_mse": scaled_mse(truth, forecast, history),
        "smape": smape(truth, forecast),
        "mase": mase(truth, forecast, history, season),
        **({"mape": mape(truth, forecast)} if truth.min() > 0 else {}),
    }
    return {name: value for name, value in found.items() if np.isfinite(value)}


def score_forecast(network: Forecasts, data: Dataset, *, seed: int) -> dict[str, float]:
    """Errors over the held-out horizon, and of rolling origins before it, each beside what needs no network.

    The backtest's weights are fixed: they come from the steps before all of its horizons.
    """
    windows, origins = _parts(data, "test")
    origin = origins[0]
    history, truth = _known(windows, origin)
    found = forecast(network, windows, origin)
    season = windows.spec.season
    scores = errors(truth, found.values, history, season)
    for name, method in NAIVE.items():
        beside = errors(truth, method(history, season, truth.shape[1]), history, season)
        scores |= {f"{name}_{key}": value for key, value in beside.items()}
    return scores | coverage(truth, found) | backtest(network, data)


def backtest(network: Forecasts, data: Dataset) -> dict[str, float]:
    """Mean absolute error over the validation split's rolling origins; empty where it has none."""
    windows, origins = _parts(data, "validation")
    if not origins:
        return {}
    methods: dict[str, Callable[[int, Floats], Floats]] = {
        "": lambda origin, history: forecast(network, windows, origin).values,
        **{f"{name}_": _method(name, windows) for name in NAIVE},
    }
    return {
        f"{prefix}backtest_mae": float(
            np.mean(
                [mae(truth, say(origin, history)) for origin in origins for history, truth in [_known(windows, origin)]]
            )
        )
        for prefix, say in methods.items()
    }


def _method(name: str, windows: Windows) -> Callable[[int, Floats], Floats]:
    return lambda origin, history: NAIVE[name](history, windows.spec.season, windows.spec.horizon)


def coverage(truth: Floats, found: Forecast) -> dict[str, float]:
    """The share of the truth that each interval holds, beside the share that it is to hold."""
    scores: dict[str, float] = {}
    for place, level in enumerate(found.levels):
        low, high = found.low[place], found.high[place]
        if np.isfinite([low, high]).all():
            name = f"coverage_{100 * level:.0f}"
            scores |= {name: float(((low <= truth) & (truth <= high)).mean()), f"nominal_{name}": level}
    return scores


def _parts(data: Dataset, split: str) -> tuple[Windows, list[int]]:
    found = cast(SeriesItems, data.test if split == "test" else data.validation)
    return found.windows, found.origins.tolist()


def _known(windows: Windows, origin: int) -> tuple[Floats, Floats]:
    values = windows.series.values
    return values[:, :origin], values[:, origin : origin + windows.spec.horizon]


def forecasts(network: Forecasts, data: Dataset, *, seed: int) -> list[Figure]:
    """The held-out horizon of each series: what came, the forecast with its interval, and the seasonal naive one."""
    windows, origins = _parts(data, "test")
    found = forecast(network, windows, origins[0])
    return [_figure(found, place) for place in range(min(MOST_SHOWN, len(found.names)))]


def _figure(found: Forecast, place: int) -> Figure:
    dates = found.dates
    band = np.isfinite(found.high[-1, place]).all()
    meant = f"the band is to hold {found.levels[-1]:.0%} of what comes" if band else "no interval was measured"
    title = "Forecast" if len(found.names) == 1 else f"Forecast of {found.names[place]}"
    stem = "forecast" if place == 0 else f"forecast-{place + 1}"
    return Figure(stem, title, f"Held out: {dates[0]} to {dates[-1]}; {meant}.", plot=forecast_lines(found, place))


def forecast_lines(found: Forecast, place: int) -> dict[str, Any]:
    """A figure's lines: history, truth where it is known, forecast with its widest interval, seasonal naive."""
    values, origin, count = found.series.values[place], found.origin, found.values.shape[1]
    start = max(0, origin - max(HISTORY * found.season, 2 * count))
    came, ahead = list(range(origin, min(len(values), origin + count))), list(range(origin, origin + count))
    known = np.isfinite(found.high[-1, place])  # no further than the horizon that was learnt
    ends = {"low": found.low[-1, place], "high": found.high[-1, place]}
    band = {name: [float(end) if it else None for end, it in zip(ends[name], known, strict=True)] for name in ends}
    band = band if known.any() else {}
    truth = {"name": "truth", "x": came, "y": values[came].tolist(), "style": "dots"}
    return {
        "kind": "lines",
        "x_label": "date",
        "y_label": found.names[place],
        "log_x": False,
        "log_y": False,
        "x_ticks": [
            [step, found.series.dates(step, 1)[0]] for step in _ticks(start, origin, origin + count, found.season)
        ],
        "series": [
            {"name": "history", "x": list(range(start, origin)), "y": values[start:origin].tolist(), "style": "line"},
            *([truth] if came else []),
            {"name": "forecast", "x": ahead, "y": found.values[place].tolist(), **band, "style": "line"},
            {"name": "seasonal naive", "x": ahead, "y": found.seasonal_naive[place].tolist(), "style": "dashed"},
        ],
    }


def _ticks(start: int, origin: int, end: int, season: int) -> range:
    """Seasons before and after the origin, where there are enough of them to be ticks."""
    span = end - start
    step = season if 1 < season <= span // 3 else max(1, span // 6)
    return range(origin - (origin - start) // step * step, end, step)
