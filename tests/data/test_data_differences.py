"""Differences, logarithm and scale: undone exactly, and fitted on what is known alone."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from made import series_of

from understudy.data.differences import base, differences, fitted, integrate, lag
from understudy.data.options import DataOptions
from understudy.data.series import SeriesItems, Windows
from understudy.data.series_splits import from_series
from understudy.data.spec import SeriesSpec


@given(
    st.sampled_from(["none", "first", "seasonal"]),
    st.integers(1, 7),
    st.integers(1, 20),
    st.booleans(),
    st.integers(0, 9),
)
def test_values_come_back_exactly_from_what_the_network_sees(
    differencing: str, season: int, horizon: int, logarithm: bool, seed: int
) -> None:
    spec = SeriesSpec(("a", "b"), "n1", season, horizon, 3, logarithm, differencing)  # type: ignore[arg-type]
    series = series_of(spec, 60, seed)
    offset, scale = np.array([0.3, -2.0]), np.array([2.0, 0.1])
    windows = Windows(series, spec, offset, scale)
    origin = windows.first + seed
    seen = windows.frames[:, origin : origin + horizon, 0]
    outputs = integrate(seen, windows.lag).double().numpy()
    expected = series.values[:, origin : origin + horizon]
    assert np.allclose(windows.to_user(outputs, origin), expected, rtol=1e-5)  # the frames are 32 bits


@given(st.integers(0, 6), st.integers(1, 15), st.integers(0, 9))
def test_differences_add_up_to_the_levels(steps: int, horizon: int, seed: int) -> None:
    levels = np.random.RandomState(seed).normal(0, 1, (2, 30))
    changes = torch.from_numpy(differences(levels, steps))[:, -horizon:]
    before = base(levels[:, : 30 - horizon], steps, np.zeros(2), horizon)
    assert np.allclose(before + integrate(changes, steps).numpy(), levels[:, -horizon:], atol=1e-12)


def test_lags() -> None:
    assert [lag(how, 12) for how in ("none", "first", "seasonal")] == [0, 1, 12]  # type: ignore[arg-type]


def test_scales() -> None:
    rows = np.array([[1.0, 3.0, 5.0], [7.0, 7.0, 7.0], [0.0, 0.0, 0.0]])
    for scaling, expected in (("standard", [-1.2247449, 0, 1.2247449]), ("min-max", [0, 0.5, 1])):
        offset, scale = fitted(rows, scaling)  # type: ignore[arg-type]
        assert np.allclose((rows[0] - offset[0]) / scale[0], expected)
        assert (scale[1:] > 0).all()  # a series that never moves has a scale to divide by
    offset, scale = fitted(rows, "rms")
    assert (offset == 0).all()
    assert np.isclose(np.square(rows[0] / scale[0]).mean(), 1)


@pytest.mark.parametrize("scaling", ["standard", "min-max", "rms"])
@pytest.mark.parametrize("differencing", ["none", "first", "seasonal"])
def test_scales_know_nothing_of_validation_and_test(scaling: str, differencing: str) -> None:
    spec = SeriesSpec(("a",), "M1", 12, 12, 12)
    series = series_of(spec, 150)
    options = DataOptions(scaling=scaling, differencing=differencing)  # type: ignore[arg-type]
    data = from_series(series, "made", options)
    assert isinstance(data.validation, SeriesItems)
    cut = int(data.validation.origins[0])
    series.values[:, cut:] *= 100
    again = from_series(series, "made", options)
    assert (again.spec.offset, again.spec.scale) == (data.spec.offset, data.spec.scale)
    assert torch.equal(
        again.train.take(torch.arange(len(data.train))).y, data.train.take(torch.arange(len(data.train))).y
    )
    assert again.fingerprint != data.fingerprint
