"""Names, directions, numbers and ranks of scores."""

import math

import pytest

from understudy.report.metrics import BASELINES, METRICS, best, metric, split_name
from understudy.report.numbers import format_duration, format_number
from understudy.report.ranking import ranks
from understudy.report.scoreboard import score_rows


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mse", ("mse", "")),
        ("pca_mse", ("mse", "pca")),
        ("pca_squared_error_per_image", ("squared_error_per_image", "pca")),
        ("pca_denoising_gain_db", ("denoising_gain_db", "pca")),
        ("naive_mae", ("mae", "naive")),
        ("seasonal_naive_mae", ("mae", "seasonal_naive")),
        ("train_seconds", ("train_seconds", "")),
        ("mean_of_something", ("mean_of_something", "")),
    ],
)
def test_baselines_are_told_from_metrics(name, expected):
    assert split_name(name) == expected


def test_every_known_pair_comes_apart():
    assert all(split_name(f"{base}_{name}") == (name, base) for base in BASELINES for name in METRICS)


def test_baseline_of_an_unknown_metric_joins_its_row():
    assert score_rows({"wobble": 1.0, "pca_wobble": 2.0}) == {"wobble": {"": 1.0, "pca": 2.0}}


def test_directions():
    assert best("mse", {"a": 1.0, "b": 2.0}) == {"a"}
    assert best("ndcg_at_10", {"a": 1.0, "b": 2.0}) == {"b"}
    assert best("salt_gain_db", {"a": 1.0, "b": 1.0}) == {"a", "b"}
    assert best("active_units", {"a": 1.0, "b": 2.0}) == set()
    assert best("mse", {"a": math.nan, "b": 2.0}) == set()
    assert metric("nll").note == "nats, lower is better"


def test_numbers():
    shown = [format_number(value) for value in (0, 3, 1234567, 0.01, 98.5, -103.25, 1234.56, 1e-7, math.nan, -math.inf)]
    assert shown == ["0", "3", "1,234,567", "0.01000", "98.50", "−103.2", "1,234.6", "1e-07", "NaN", "−∞"]  # noqa: RUF001
    assert [format_duration(value) for value in (8.25, 59.99, 250, 7500)] == [
        "8.2 s",
        "1 min",
        "4 min 10 s",
        "2 h 5 min",
    ]


def test_ranks_tell_ties_from_losses():
    assert ranks("mse", [(1.0, 0.1, 3), (1.15, 0.1, 3), (2.0, 0.1, 3), None]) == ["best", "tie", "", ""]
    assert ranks("mse", [(1.0, math.nan, 1), (1.01, math.nan, 1)]) == ["best", ""]
