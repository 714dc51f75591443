"""Dates: read in the forms that people write, counted on, and refused with a line that teaches."""

import re

import numpy as np
import pytest

from understudy.data.dates import HABITS, read_axis
from understudy.errors import DataError

FORMS = {
    "M1": (["1962-11", "1962-12", "1963-01", "1963-02"], ["1963-03"]),
    "M3": (["1962-Q3", "1962Q4", "1963 q1"], ["1963-Q2"]),
    "M12": (["1962", "1963", "1964"], ["1965"]),
    "D1": (["2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01"], ["2024-03-02"]),
    "D7": (["2024-01-01", "2024-01-08", "2024-01-15"], ["2024-01-22"]),
    "B1": (["2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09", "2024-01-10", "2024-01-11", "2024-01-12"],
           ["2024-01-15"]),
    "s3600": (["2024-01-01 22:00", "2024-01-01T23:00:00", "2024-01-02 00:00"], ["2024-01-02 01:00"]),
    "s60": (["2024-01-01 00:00", "2024-01-01 00:01", "2024-01-01 00:02"], ["2024-01-01 00:03"]),
    "s1": (["2024-01-01 00:00:58", "2024-01-01 00:00:59", "2024-01-01 00:01:00"], ["2024-01-01 00:01:01"]),
    "n1": (["1", "2", "3"], ["4"]),
    "n5": (["10", "15", "20"], ["25"]),
}  # fmt: skip


@pytest.mark.parametrize("spacing", FORMS)
def test_a_spacing_is_seen_and_counted_on(spacing: str) -> None:
    texts, following = FORMS[spacing]
    axis, order = read_axis(texts, "it")
    assert axis.spacing == spacing
    assert order.tolist() == list(range(len(texts)))
    assert axis.labels(np.array([len(texts)])) == following


@pytest.mark.parametrize(
    "texts",
    [
        ["1962-01-01", "1962-02-01", "1962-03-01"],
        ["1962-01-31", "1962-02-28", "1962-03-31"],  # ends of months
        ["1962/01/15", "1962/02/15", "1962/03/15"],
        ["15.01.1962", "15.02.1962", "15.03.1962"],
        ["1962.01", "1962.02", "1962.03"],
    ],
    ids=str,
)
def test_months_however_they_are_written(texts: list[str]) -> None:
    axis, _ = read_axis(texts, "it")
    assert axis.spacing == "M1"
    assert axis.labels(np.arange(2, 4)) == ["1962-03", "1962-04"]


def test_rows_are_sorted_by_their_dates() -> None:
    axis, order = read_axis(["1962-03", "1962-01", "1962-02"], "it")
    assert order.tolist() == [1, 2, 0]
    assert axis.labels(np.arange(1)) == ["1962-01"]


def test_the_habits_that_are_promised() -> None:
    assert [(HABITS[it].season, HABITS[it].horizon) for it in ("M1", "D1", "s3600", "M3")] == [
        (12, 12), (7, 7), (24, 24), (4, 4)
    ]  # fmt: skip
    assert HABITS["M12"].season == 1
    assert HABITS["M1"].window == 12


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1962-01", "soon", "1962-03"], r"row 2: 'soon' is no date that can be read; accepted: 1962, 1962-01"),
        (["01/02/1962", "01/03/1962", "01/04/1962"], r"is that day/month or month/day\?"),
        (["1962-01", "1962-13", "1962-14"], r"row 2: '1962-13' is no date"),
        (["1962-01-01", "1962-02", "1962-03-01"], r"row 2: '1962-02' is written otherwise than the other dates"),
        (["1962-01", "1962-02", "1962-02", "1962-03"], r"'1962-02' comes twice"),
        (["1962-01", "1962-02", "1962-03", "1962-05", "1962-06"], r"a gap between '1962-03' and '1962-05': 1 rows"),
        (["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-06", "2024-01-07", "2024-01-08", "2024-01-11"],
         r"a gap between '2024-01-03' and '2024-01-06' \(2 such places\): 2 rows are missing"),
        (["1", "2", "3", "4", "5", "8", "13", "21", "34"], r"not evenly spaced"),
        (["10", "20", "30", "40", "45"], r"not evenly spaced: mostly 10 steps apart, but 5 between '40' and '45'"),
        (["1962-01", "1962-02"], r"2 rows are too few"),
    ],
)  # fmt: skip
def test_dates_that_cannot_be_used_are_named(texts: list[str], expected: str) -> None:
    with pytest.raises(DataError, match=expected):
        read_axis(texts, "it")


def test_phases_go_round_once_a_cycle() -> None:
    months = read_axis(FORMS["M1"][0], "it")[0].phases(np.arange(25))
    assert months.shape == (25, 2)
    assert np.allclose(months[0], months[12], atol=1e-6) and np.allclose(months[1], months[13], atol=1e-6)
    assert not np.allclose(months[0], months[6])
    days = read_axis(FORMS["D1"][0], "it")[0].phases(np.arange(15))
    assert days.shape == (15, 4)  # week and year
    assert np.allclose(days[0, :2], days[7, :2], atol=1e-5) and not np.allclose(days[0, :2], days[1, :2], atol=0.1)
    hours = read_axis(FORMS["s3600"][0], "it")[0].phases(np.arange(25))
    assert hours.shape == (25, 6)  # day, week and year
    assert np.allclose(hours[0, :2], hours[24, :2], atol=1e-5)
    assert read_axis(FORMS["M12"][0], "it")[0].phases(np.arange(5)).shape == (5, 0)


def test_a_monday_is_where_the_week_begins() -> None:
    axis, _ = read_axis(["2024-01-01", "2024-01-02", "2024-01-03"], "it")  # a Monday
    assert np.allclose(axis.phases(np.arange(1))[0, :2], [0, 1], atol=1e-6)


@pytest.mark.parametrize(
    ("spacing", "until", "place"),
    [("M1", "1962-12", 1), ("M1", "1962-12-31", 1), ("D1", "2024-02-29", 2), ("s3600", "2024-01-01 23:30", 1),
     ("n5", "15", 1), ("n5", "19", 1), ("M12", "1963", 1), ("M3", "1963-Q1", 2), ("B1", "2024-01-07", 1)],
)  # fmt: skip
def test_the_last_step_that_is_not_after_a_date(spacing: str, until: str, place: int) -> None:
    assert read_axis(FORMS[spacing][0], "it")[0].place(until) == place


def test_a_number_is_no_date_and_a_date_no_number() -> None:
    with pytest.raises(DataError, match="does not go with dates such as 1962-11"):
        read_axis(FORMS["M1"][0], "it")[0].place("3")
    with pytest.raises(DataError, match=re.escape("does not go with dates such as 1")):
        read_axis(FORMS["n1"][0], "it")[0].place("1962-01")
