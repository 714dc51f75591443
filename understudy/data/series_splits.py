"""A series becomes a data set: the last horizon is the test, rolling origins before it the validation.

Time is cut like this, oldest first; no target of one part is in another, and scales are of the first part alone:

    | training | targets of the validation's origins | test |
"""

import hashlib
from dataclasses import replace

import numpy as np

from understudy.data.dataset import Dataset
from understudy.data.dates import HABITS, cycles, words
from understudy.data.differences import differences, fitted, lag
from understudy.data.fit import Fit
from understudy.data.options import DataOptions
from understudy.data.series import Series, Windows, items, levels
from understudy.data.spec import SeriesSpec
from understudy.errors import DataError, OptionError

LEAST_ORIGINS = 10
"""Rolling origins from which a 90% interval can be had: 9 are needed."""
NONE = np.empty(0, np.int64)


def from_series(series: Series, name: str, options: DataOptions, fit: Fit | None = None) -> Dataset:
    """A data set of one or more series.

    Raises:
        DataError: too few steps, values that have no logarithm, or another spacing than the network's.
        OptionError: the dates' spacing says nothing of season and horizon, or has no calendar.
    """
    whole = fit is not None and fit.whole
    if options.until is not None and not whole:
        series = _past(series, options.until, name)
    spec = _spec(series, options, name) if fit is None else _trained(fit, series, name)
    _refuse_no_logarithm(series, spec, name)
    end = len(series) - spec.horizon
    first = lag(spec.differencing, spec.season) + spec.window
    least = max(first, 2 * spec.season) + spec.horizon
    if whole:
        _refuse_short(len(series), least, spec, name)
        windows = _windows(series, spec, end, options)
        parts = [items(windows, NONE), items(windows, NONE), items(windows, np.array([end]))]
    else:
        usual = _rolling(spec, end - spec.horizon - first + 1, end - spec.horizon + 1 - least)
        rolling = usual if options.validation_origins is None else options.validation_origins
        cut = end - (rolling + spec.horizon - 1) * (rolling > 0)
        _refuse_short(cut, least, spec, name)
        windows = _windows(series, spec, cut, options)
        spec = windows.spec
        parts = [
            items(windows, np.arange(first, cut - spec.horizon + 1)),
            items(windows, np.arange(cut, cut + rolling)),
            items(windows, np.array([end])),
        ]
    return Dataset(name, spec, parts[0], parts[1], parts[2], digest(series))


def digest(series: Series) -> str:
    """A hash of dates, names and values."""
    found = hashlib.blake2b(repr((series.axis, series.names)).encode(), digest_size=16)
    found.update(np.ascontiguousarray(series.values).data)
    return found.hexdigest()


def _past(series: Series, until: str, name: str) -> Series:
    count = series.axis.place(until) + 1
    if count < 1:
        raise DataError(f"until={until} is before '{name}' begins, {series.dates(0, 1)[0]}")
    return series.until(count)


def _spec(series: Series, options: DataOptions, name: str) -> SeriesSpec:
    spacing = series.axis.spacing
    habit = HABITS.get(spacing)
    if habit is None and None in (options.season, options.horizon):
        raise OptionError(
            f"the steps of '{name}' are {words(spacing)}, which has no usual season; give season and horizon, such as "
            "--set season=12 --set horizon=12"
        )
    if options.calendar and not cycles(spacing):
        raise OptionError(f"calendar needs dates that tell months, days or hours; '{name}' is {words(spacing)}")
    season, horizon = (
        options.season or (habit.season if habit else 1),
        options.horizon or (habit.horizon if habit else 1),
    )
    return SeriesSpec(
        series.names,
        spacing,
        season,
        horizon,
        options.window or (habit.window if habit else max(season, horizon)),
        options.logarithm,
        options.differencing,
        bool(cycles(spacing)) if options.calendar is None else options.calendar,
    )


def _trained(fit: Fit, series: Series, name: str) -> SeriesSpec:
    spec = fit.spec
    if not isinstance(spec, SeriesSpec) or spec.spacing != series.axis.spacing:
        raise DataError(
            f"run was trained on {spec.describe()}; '{name}' has {words(series.axis.spacing)} series; "
            "forecast it with a run that was trained on such"
        )
    return spec


def _refuse_no_logarithm(series: Series, spec: SeriesSpec, name: str) -> None:
    if spec.logarithm and series.values.min() <= 0:
        raise DataError(f"'{name}' has values of {series.values.min():g}, which have no logarithm; use logarithm=false")


def _rolling(spec: SeriesSpec, origins: int, room: int) -> int:
    """How many origins to validate at unless told: a horizon of them, at most a quarter of all, if there is room."""
    return max(0, min(max(spec.horizon, LEAST_ORIGINS), origins // 4, room))


def _refuse_short(count: int, least: int, spec: SeriesSpec, name: str) -> None:
    if count < least:
        raise DataError(
            f"'{name}' is too short: {count} steps are left for training, and {least} are needed "
            f"(window {spec.window}, horizon {spec.horizon}, season {spec.season}, differencing {spec.differencing}); "
            "give more, or a smaller window, horizon, season or validation_origins"
        )


def _windows(series: Series, spec: SeriesSpec, cut: int, options: DataOptions) -> Windows:
    """The series at a scale that is fitted on steps before `cut`; those that the network knows keep theirs."""
    known = levels(series.values[:, :cut], spec)
    offset, scale = fitted(differences(known, lag(spec.differencing, spec.season)), options.scaling)
    for place, name in enumerate(series.names):
        if name in spec.names and spec.scale:
            own = spec.names.index(name)
            offset[place], scale[place] = spec.offset[own], spec.scale[own]
    if not spec.scale:
        spec = replace(spec, offset=tuple(offset.tolist()), scale=tuple(scale.tolist()))
    return Windows(series, spec, offset, scale)
