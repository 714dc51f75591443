"""Series: tables of dates and values to windows, horizons and splits that do not overlap."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from made import series_of

from understudy.data.conform import load_for
from understudy.data.dataset import Dataset
from understudy.data.options import DataOptions
from understudy.data.series import SeriesItems
from understudy.data.series_files import read_series
from understudy.data.series_made import CONSTITUENTS, NOISE, mackey_glass, tides
from understudy.data.series_splits import from_series
from understudy.data.sources import load
from understudy.data.spec import SeriesSpec, spec_from_json, spec_to_json
from understudy.errors import DataError, OptionError

MONTHS = SeriesSpec(("a", "b"), "M1", 12, 12, 12)


def made(steps: int = 150, fit: Any = None, **options: Any) -> Dataset:
    return from_series(series_of(MONTHS, steps), "made", DataOptions(**options), fit)


def parts(data: Dataset) -> list[SeriesItems]:
    found = [data.train, data.validation, data.test]
    assert all(isinstance(it, SeriesItems) for it in found)
    return found  # type: ignore[return-value]


# Windows


@pytest.mark.parametrize("differencing", ["none", "first", "seasonal"])
def test_an_item_is_what_stands_before_its_origin_and_what_comes_after(differencing: str) -> None:
    data = made(differencing=differencing, logarithm=True, calendar=True)
    items = parts(data)[0]
    windows, spec = items.windows, items.windows.spec
    batch = items.take(torch.arange(len(items)))
    assert batch.x.shape == (len(items), 24, 3)
    assert batch.y is not None
    for number in (0, 1, 7, len(items) - 1):
        series, origin = number % 2, int(items.origins[number // 2])
        frame = windows.frames[series]
        assert torch.equal(batch.x[number, :12, 0], frame[origin - 12 : origin, 0])
        assert torch.equal(batch.y[number], frame[origin : origin + 12, 0])
        assert torch.equal(batch.x[number, :, 1:], frame[origin - 12 : origin + 12, 1:])
        newest = np.log(windows.series.values[series])
        back = {"none": 0, "first": 1, "seasonal": 12}[differencing]
        change = newest[origin - 1] - (newest[origin - 1 - back] if back else 0)
        expected = (change - spec.offset[series]) / spec.scale[series]
        assert batch.x[number, 11, 0].item() == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("options", [{}, {"validation_origins": 0}, {"differencing": "none", "horizon": 3}], ids=str)
def test_no_target_of_one_split_is_in_another_and_the_last_horizon_is_the_test(options: dict[str, Any]) -> None:
    data = made(**options)
    targets = []
    for items in parts(data):
        horizon = items.windows.spec.horizon
        targets.append({int(origin) + ahead for origin in items.origins for ahead in range(horizon)})
    train, validation, test = targets
    assert not train & validation and not validation & test and not train & test
    horizon = parts(data)[0].windows.spec.horizon
    assert test == set(range(150 - horizon, 150))
    assert max(train | validation) == 149 - horizon
    assert len(validation) == (
        0 if options.get("validation_origins") == 0 else len(parts(data)[1].origins) + horizon - 1
    )
    assert min(int(it) for it in parts(data)[0].origins) == parts(data)[0].windows.first


def test_validation_is_a_horizon_of_rolling_origins_but_no_more_than_a_quarter() -> None:
    assert len(made().validation) == 2 * 12
    assert len(made(validation_origins=5).validation) == 2 * 5
    assert len(made(horizon=3).validation) == 2 * 10
    assert len(made(steps=70, differencing="seasonal").validation) == 2 * ((70 - 12 - 12 - 24 + 1) // 4)


def test_season_horizon_and_window_follow_from_the_dates_unless_given() -> None:
    spec = made().spec
    assert isinstance(spec, SeriesSpec)
    assert (spec.season, spec.horizon, spec.window) == (12, 12, 12)
    spec = made(season=6, horizon=5, window=9).spec
    assert isinstance(spec, SeriesSpec)
    assert (spec.season, spec.horizon, spec.window) == (6, 5, 9)
    assert spec_from_json(spec_to_json(spec)) == spec


def test_until_reads_only_the_past() -> None:
    whole, past = made(), made(until="1980-06")
    assert len(parts(past)[2].windows.series) == 126
    series = series_of(MONTHS, 150).until(126)
    assert np.array_equal(parts(past)[2].windows.series.values, series.values)
    assert whole.fingerprint != past.fingerprint
    with pytest.raises(DataError, match="until=1960-01 is before 'made' begins, 1970-01"):
        made(until="1960-01")


# Other data for a trained network


def test_other_data_keeps_the_scale_of_series_that_the_network_knows_and_is_all_held_out(tmp_path: Path) -> None:
    spec = made().spec
    assert isinstance(spec, SeriesSpec)
    other = series_of(MONTHS, 60, seed=4)
    rows = [f"{date},{a},{b}" for date, a, b in zip(other.dates(0, 60), *other.values.tolist(), strict=True)]
    (tmp_path / "other.csv").write_text("\n".join(["month,b,new", *rows]))
    found = load_for(tmp_path / "other.csv", spec, DataOptions(until="1970-02"), whole=True)
    assert found.sizes == {"train": 0, "validation": 0, "test": 2}
    windows = parts(found)[2].windows
    assert windows.offset[0] == spec.offset[1]  # b
    assert windows.offset[1] not in spec.offset
    (tmp_path / "days.csv").write_text("\n".join(f"2024-01-{day:02},1" for day in range(1, 31)))
    with pytest.raises(DataError, match=r"trained on monthly series.*'days' has daily series"):
        load_for(tmp_path / "days.csv", spec, whole=True)
    with pytest.raises(DataError, match=r"trained on monthly series"):
        load_for("digits", spec, whole=True)


# Files


def read(tmp_path: Path, text: str, name: str = "it.csv", encoding: str = "utf-8") -> Any:
    (tmp_path / name).write_bytes(text.encode(encoding))
    return read_series(tmp_path / name, encoding)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('"Month","Cats","Dogs"\n"1962-01",1,2.5\n1962-02,2,3\n1962-03,3,4\n\n', "it.csv"),
        ("Month\tCats\tDogs\n1962-01\t1\t2.5\n1962-02\t2\t3\n1962-03\t3\t4", "it.tsv"),
        ("Monat;Cats;Dogs\r\n1962-03;3;4\r\n1962-01;1;2,5\r\n1962-02;2;3\r\n", "it.csv"),
        ("\ufeffdate,Cats,Dogs\n31.01.1962,1,2.5\n28.02.1962,2,3\n31.03.1962,3,4\n", "it.csv"),
    ],
    ids=["commas", "tabs", "semicolons", "byte order mark"],
)
def test_tables_as_people_write_them(tmp_path: Path, text: str, name: str) -> None:
    series = read(tmp_path, text, name)
    assert series.names == ("Cats", "Dogs")
    assert series.values.tolist() == [[1, 2, 3], [2.5, 3, 4]]
    assert series.dates(0, 1) == ["1962-01"]


def test_a_table_without_a_header_and_another_encoding(tmp_path: Path) -> None:
    assert read(tmp_path, "1962-01,1,2\n1962-02,2,3\n1962-03,3,4\n").names == ("value 1", "value 2")
    assert read(tmp_path, "Monat,K\u00fche\n1962-01,1\n1962-02,2\n1962-03,4\n", encoding="latin-1").names == (
        "K\u00fche",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "'it.csv' is empty; give a column of dates"),
        ("date\n1962-01\n", "has one column"),
        ("date,a\n1962-01,1\n1962-02,\n1962-03,3", "row 2, column 'a': the value is missing; fill it"),
        ("date,a\n1962-01,1\n1962-02,NA\n1962-03,3", "row 2, column 'a': the value is missing"),
        ("date,a\n1962-01,1\n1962-02,much\n1962-03,3", "row 2, column 'a': 'much' is no number"),
        ("date,a\n1962-01,1\n1962-02,inf\n1962-03,3", "'inf' is no number"),
        ("date,a\n1962-01,1\n1962-02\n1962-03,3", "row 2: 1 cells where the first line has 2"),
        ("date,a,a\n1962-01,1,1\n1962-02,1,1\n1962-03,3,1", "two columns of one name: a, a"),
        ("date,a\nJan,1\nFeb,1\nMar,3", "row 1: 'Jan' is no date that can be read"),
    ],
)
def test_tables_that_cannot_be_used_are_named(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(DataError, match=expected):
        read(tmp_path, text)


# What cannot be done


def test_too_short_a_series_says_how_much_is_needed() -> None:
    with pytest.raises(DataError, match=r"'made' is too short: 28 steps are left for training, and 36 are needed"):
        made(steps=40)
    assert made(steps=48, differencing="seasonal").sizes == {"train": 2, "validation": 0, "test": 2}
    assert made(steps=48).sizes["validation"] == 0, "what is short is not made too short"


def test_what_does_not_go_together_is_refused(tmp_path: Path) -> None:
    steps = SeriesSpec(("a",), "n1", 6, 6, 6)
    with pytest.raises(OptionError, match="calendar needs dates that tell months"):
        from_series(series_of(steps, 100), "made", DataOptions(calendar=True))
    with pytest.raises(OptionError, match=r"every 2 months, which has no usual season; give season and horizon"):
        from_series(series_of(SeriesSpec(("a",), "M2", 6, 6, 6), 100), "made", DataOptions())
    given = from_series(series_of(SeriesSpec(("a",), "M2", 6, 6, 6), 100), "made", DataOptions(season=6, horizon=6))
    assert given.spec.describe() == "every 2 months series, read 6 steps back for 6 ahead"
    series = series_of(MONTHS, 100)
    series.values[0, 3] = 0
    with pytest.raises(DataError, match="values of 0, which have no logarithm; use logarithm=false"):
        from_series(series, "made", DataOptions(logarithm=True))


@pytest.mark.parametrize(
    ("source", "option", "expected"),
    [
        ("digits", {"horizon": 3}, "horizon goes with series, but 'digits' has 1x8x8 images"),
        ("digits", {"calendar": True}, "calendar goes with series"),
        (
            "mackey-glass",
            {"test_fraction": 0.5},
            "test_fraction goes with pictures or rows of values or pictures of two domains or a text",
        ),
        ("mackey-glass", {"split_seed": 3}, "split_seed goes with"),
        ("mackey-glass", {"tokens": "words"}, "tokens goes with a text or pairs of sentences"),
    ],
)
def test_options_of_other_data_are_refused(source: str, option: dict[str, Any], expected: str) -> None:
    with pytest.raises(OptionError, match=expected):
        load(source, DataOptions(**option))


# Computed series


def test_mackey_glass_does_not_depend_on_the_size_of_a_step() -> None:
    """The classic scheme at ten steps to a sample and at twenty: chaos takes a while to tell them apart."""
    coarse, fine = mackey_glass(100), mackey_glass(100, 20)
    assert np.abs(coarse[:20] - fine[:20]).max() < 2e-3
    assert 0.2 < mackey_glass(1500).min() < 0.5 and 1.2 < mackey_glass(1500).max() < 1.5


def test_tides_are_their_constituents_and_noise() -> None:
    """Least squares on the known periods leaves the noise, and finds the amplitudes."""
    height = tides()
    turns = 2 * np.pi * np.arange(len(height))[:, None] / [hours for hours, _, _ in CONSTITUENTS.values()]
    waves = np.hstack([np.cos(turns), np.sin(turns)])
    found, *_ = np.linalg.lstsq(waves, height, rcond=None)
    assert np.std(height - waves @ found) == pytest.approx(NOISE, rel=0.05)
    sizes = np.hypot(*found.reshape(2, -1))
    assert np.allclose(sizes, [size for _, size, _ in CONSTITUENTS.values()], atol=0.02)


@pytest.mark.parametrize("name", ["mackey-glass", "tides"])
def test_computed_series_are_bundled(name: str) -> None:
    assert load(name).fingerprint == load(name).fingerprint


def test_named_series_say_where_they_are_looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UNDERSTUDY_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(DataError, match=r"'milk' is not here; put monthly-milk-production.csv into the folder series/"):
        load("milk")
    (tmp_path / "series").mkdir()
    rows = [f"{1960 + month // 12}-{month % 12 + 1:02},{month}" for month in range(80)]
    (tmp_path / "series" / "airline-passengers.csv").write_text("\n".join(["Month,Passengers", *rows]))
    assert load("airline").sizes["test"] == 1
