"""Errors in the user's own units, each beside forecasts that need no network, without a leak."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from made import SPECS, dataset_of

from understudy import models
from understudy.data.dataset import Dataset
from understudy.data.options import DataOptions
from understudy.data.series import SeriesItems
from understudy.data.series_splits import from_series
from understudy.data.spec import SeriesSpec
from understudy.decoding.forecasting import forecast
from understudy.decoding.naive import growth_naive, naive, seasonal_naive
from understudy.evaluation import evaluate, exhibit
from understudy.evaluation.forecasting import coverage, errors, mape, mase, scaled_mse, smape
from understudy.models.forecaster import Forecaster
from understudy.runs.runfile import resolve
from understudy.training.engine import choose_engine
from understudy.training.loop import train
from understudy.training.session import Session

MONTHS = SPECS["months"]
assert isinstance(MONTHS, SeriesSpec)


def build(spec: SeriesSpec) -> Forecaster:
    torch.manual_seed(0)
    network = models.build("forecaster", {"hidden_dim": 8}, spec)
    assert isinstance(network, Forecaster)
    return network.eval()


def series_data(spec: SeriesSpec = MONTHS, **options: object) -> Dataset:
    from made import series_of

    return from_series(series_of(spec, 150), "made", DataOptions(**options))  # type: ignore[arg-type]


def test_percentages_are_of_the_truth_and_not_of_the_forecast() -> None:
    truth, said = np.array([[100.0, 200.0]]), np.array([[50.0, 100.0]])
    assert mape(truth, said) == pytest.approx(50)
    assert mape(said, truth) == pytest.approx(100)  # arguments swapped: another number
    assert smape(truth, said) == smape(said, truth) == pytest.approx(200 / 3)
    assert smape(np.zeros((1, 2)), np.zeros((1, 2))) == 0


def test_scores_call_them_with_the_truth_first_and_in_the_users_own_units() -> None:
    data = series_data()
    network = build(data.spec)  # type: ignore[arg-type]
    scores = evaluate(network, data)
    windows = data.test.windows  # type: ignore[attr-defined]
    truth = windows.series.values[:, -12:]
    said = forecast(network, windows, 138).values
    assert scores["mape"] == pytest.approx(float(100 * np.mean(np.abs(truth - said) / np.abs(truth))))
    assert scores["mae"] == pytest.approx(float(np.mean(np.abs(truth - said))))
    assert scores["mse"] == pytest.approx(scores["rmse"] ** 2)
    bigger = from_series(windows.series.__class__(windows.series.axis, ("a",), 10 * windows.series.values), "x",
                         DataOptions())  # fmt: skip
    tenfold = evaluate(network, bigger)
    assert tenfold["mae"] == pytest.approx(10 * scores["mae"], rel=1e-3)
    assert tenfold["mape"] == pytest.approx(scores["mape"], rel=1e-3)
    assert tenfold["scaled_mse"] == pytest.approx(scores["scaled_mse"], rel=1e-3)
    assert tenfold["mase"] == pytest.approx(scores["mase"], rel=1e-3)


def test_scaled_errors_by_hand() -> None:
    history = np.array([[0.0, 10.0, 4.0, 12.0]])
    truth, said = np.array([[6.0, 6.0]]), np.array([[3.0, 0.0]])
    assert scaled_mse(truth, said, history) == pytest.approx((9 + 36) / 2 / 12**2)
    assert mase(truth, said, history, 2) == pytest.approx(4.5 / 3)
    assert mase(truth, said, history, 1) == pytest.approx(4.5 / 8)


def test_scaled_mse_is_that_of_a_min_max_scaler_on_the_training_part() -> None:
    from sklearn.preprocessing import MinMaxScaler

    draw = np.random.RandomState(0)
    history, truth, said = draw.rand(40, 1) * 50, draw.rand(12, 1) * 80, draw.rand(12, 1) * 80
    scaler = MinMaxScaler().fit(history)
    expected = np.square(scaler.transform(truth) - scaler.transform(said)).mean()
    assert scaled_mse(truth.T, said.T, history.T) == pytest.approx(expected)


def test_what_has_no_value_is_left_out() -> None:
    flat = np.ones((1, 20))
    found = errors(np.zeros((1, 3)), np.ones((1, 3)), flat, 4)
    assert "mape" not in found and "mase" not in found and "scaled_mse" not in found
    assert found["mae"] == 1
    assert "mape" not in errors(np.array([[-1.0, 2.0]]), np.ones((1, 2)), flat, 4), "no share of what changes its sign"


def test_every_error_stands_beside_every_naive_forecast() -> None:
    scores = evaluate(build(MONTHS), dataset_of(MONTHS))
    own = [name for name in scores if not name.startswith(("naive_", "seasonal_naive_", "growth_naive_", "nominal_"))]
    assert {"mae", "mse", "rmse", "scaled_mse", "smape", "mase", "backtest_mae"} <= set(own)
    for name in own:
        if not name.startswith("coverage"):
            assert {f"{prefix}_{name}" for prefix in ("naive", "seasonal_naive", "growth_naive")} <= set(scores)


# Naive forecasts


def test_naive_forecasts_by_hand() -> None:
    history = np.array([[9.0, 1.0, 2.0, 3.0, 2.0, 4.0, 6.0]])
    assert naive(history, 3, 4).tolist() == [[6, 6, 6, 6]]
    assert seasonal_naive(history, 3, 4).tolist() == [[2, 4, 6, 2]]
    assert growth_naive(history, 3, 4).tolist() == [[4, 8, 12, 8]]  # twice the season before; then again
    below = np.array([[-1.0, 1.0, 0.0, 2.0]])
    assert growth_naive(below, 2, 3).tolist() == [[1, 3, 2]]  # grows by no factor: moved by 1


@given(st.integers(1, 6), st.integers(1, 15), st.integers(0, 5))
def test_a_series_that_repeats_itself_is_forecast_exactly(season: int, horizon: int, seed: int) -> None:
    pattern = np.random.RandomState(seed).rand(2, season) + 1
    whole = np.tile(pattern, 20)[:, : 4 * season + horizon]
    history, truth = whole[:, : 4 * season], whole[:, 4 * season :]
    assert np.allclose(seasonal_naive(history, season, horizon), truth)
    assert np.allclose(growth_naive(history, season, horizon), truth)


# No leak


def test_the_backtest_is_the_mean_over_rolling_origins_of_forecasts_from_what_was_known() -> None:
    data = series_data()
    network = build(data.spec)  # type: ignore[arg-type]
    items = data.validation
    assert isinstance(items, SeriesItems)
    values = items.windows.series.values
    found = []
    for origin in items.origins.tolist():
        said = forecast(network, items.windows, origin).values
        found.append(np.abs(values[:, origin : origin + 12] - said).mean())
    scores = evaluate(network, data)
    assert scores["backtest_mae"] == pytest.approx(float(np.mean(found)))
    naive_ones = [
        np.abs(values[:, origin : origin + 12] - values[:, origin - 12 : origin]).mean()
        for origin in items.origins.tolist()
    ]
    assert scores["seasonal_naive_backtest_mae"] == pytest.approx(float(np.mean(naive_ones)))


def test_the_test_horizon_changes_no_forecast_no_scale_and_no_backtest() -> None:
    """Whatever comes last, it can have chosen nothing."""
    from made import series_of

    scores, saids = [], []
    for factor in (1, 50):
        series = series_of(MONTHS, 150)
        series.values[:, -12:] *= factor
        data = from_series(series, "made", DataOptions())
        network = build(data.spec)  # type: ignore[arg-type]
        scores.append(evaluate(network, data))
        saids.append(forecast(network, data.test.windows, 138).values)  # type: ignore[attr-defined]
    assert np.array_equal(saids[0], saids[1])
    assert scores[0]["backtest_mae"] == scores[1]["backtest_mae"]
    assert scores[0]["mae"] != scores[1]["mae"]


def test_the_test_horizon_chooses_no_weights() -> None:
    """Two series that differ in their last year alone: training, and where it stops, cannot tell them apart."""
    from made import series_of

    kept = []
    for factor in (1, 50):
        series = series_of(MONTHS, 150)
        series.values[:, -12:] *= factor
        data = from_series(series, "made", DataOptions())
        file = resolve({"network": "forecaster", "seed": 0}, {"hidden_dim": 4, "steps": 12, "validate_every": 2,
                                                              "early_stopping": 2, "learning_rate": 0.1})  # fmt: skip
        network = models.build("forecaster", file.model, data.spec)
        torch.manual_seed(0)
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.1)
        session = Session(network, data, file.training, choose_engine(file.training, network), file.seed)
        train(session)
        assert session.best, "early stopping keeps the best weights"
        kept.append((session.progress.step, session.weights()))
    assert kept[0][0] == kept[1][0]
    assert all(torch.equal(weight, kept[1][1][name]) for name, weight in kept[0][1].items())


def test_a_run_without_validation_has_no_backtest_and_no_coverage() -> None:
    data = series_data(validation_origins=0)
    scores = evaluate(build(data.spec), data)  # type: ignore[arg-type]
    assert not any("backtest" in name or "coverage" in name for name in scores)


def test_coverage_is_the_share_that_the_interval_holds_beside_the_nominal_one() -> None:
    data = series_data()
    network = build(data.spec)  # type: ignore[arg-type]
    network.margins[0], network.margins[1] = 0.0, 1e6
    found = forecast(network, data.test.windows, 138)  # type: ignore[attr-defined]
    assert coverage(found.series.values[:, 138:], found) == {
        "coverage_80": 0.0, "nominal_coverage_80": 0.8, "coverage_90": 1.0, "nominal_coverage_90": 0.9
    }  # fmt: skip
    network.margins[0] = torch.inf
    assert "coverage_80" not in evaluate(network, data)


# The figure


def test_the_figure_has_history_truth_forecast_band_and_the_season_before() -> None:
    data = series_data()
    network = build(data.spec)  # type: ignore[arg-type]
    network.margins[:] = 1.0
    (figure,) = exhibit(network, data)
    lines = {line["name"]: line for line in figure.plot["series"]}
    assert list(lines) == ["history", "truth", "forecast", "seasonal naive"]
    values = data.test.windows.series.values[0]  # type: ignore[attr-defined]
    assert lines["truth"]["y"] == values[-12:].tolist()
    assert lines["seasonal naive"]["y"] == values[-24:-12].tolist()
    assert lines["forecast"]["x"] == lines["truth"]["x"] == list(range(138, 150))
    assert all(
        low < y < high for low, y, high in zip(*(lines["forecast"][it] for it in ("low", "y", "high")), strict=True)
    )
    assert figure.plot["x_ticks"][0] == [90, "1977-07"]
    assert [step for step, _ in figure.plot["x_ticks"]] == [90, 102, 114, 126, 138]  # a season each, and the origin
    assert "90%" in figure.caption
    network.margins[:] = torch.inf
    (figure,) = exhibit(network, data)
    assert all("low" not in line for line in figure.plot["series"])
    assert "no interval" in figure.caption


def test_each_of_several_series_has_a_figure() -> None:
    steps = SPECS["steps"]
    figures = exhibit(build(steps), dataset_of(steps))  # type: ignore[arg-type]
    assert [figure.title for figure in figures] == ["Forecast of a", "Forecast of b"]
