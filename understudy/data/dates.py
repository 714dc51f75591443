"""Dates at even spacing: read from text, counted on, put in words, and as phases of the day, the week and the year."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from understudy.errors import DataError

Whole = NDArray[np.int64]


class Habit(NamedTuple):
    """What is usual for a spacing: steps to a season, steps to forecast, steps to look back on."""

    words: str
    season: int
    horizon: int
    window: int


HABITS = {
    "M1": Habit("monthly", 12, 12, 12),
    "M3": Habit("quarterly", 4, 4, 8),
    "M12": Habit("yearly", 1, 4, 8),
    "D1": Habit("daily", 7, 7, 28),
    "D7": Habit("weekly", 52, 13, 52),
    "B1": Habit("working days", 5, 5, 20),
    "s3600": Habit("hourly", 24, 24, 48),
    "s1800": Habit("half-hourly", 48, 48, 96),
    "s900": Habit("quarter-hourly", 96, 96, 96),
    "s60": Habit("by the minute", 60, 60, 60),
    "s1": Habit("by the second", 60, 60, 60),
    "n1": Habit("without dates", 1, 12, 24),
}
UNITS = {"M": "month", "D": "day", "B": "working day", "s": "second", "n": "step"}
CYCLES = {"M": ("year",), "D": ("week", "year"), "B": ("week", "year"), "s": ("day", "week", "year"), "n": ()}

_TIME = r"(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.0+)?)?Z?)?"
_FORMS = {
    "number": re.compile(r"(\d+)(?:\.0+)?"),
    "quarter": re.compile(r"(\d{4})[- ]?Q([1-4])", re.IGNORECASE),
    "month": re.compile(r"(\d{4})[-/.](\d{1,2})"),
    "day": re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _TIME),
    "german": re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})" + _TIME),
}
_YEAR = re.compile(r"[12]\d{3}")
ACCEPTED = "1962, 1962-01, 1962-Q1, 1962-01-31, 1962-01-31 13:00, or whole numbers 1, 2, 3, ..."


@dataclass(frozen=True)
class Axis:
    """Evenly spaced moments.

    Attributes:
        unit: M months, D days, B working days, s seconds, n plain numbers.
        step: units from one moment to the next.
        start: the first moment, in units since 1970.
    """

    unit: str
    step: int
    start: int

    @property
    def spacing(self) -> str:
        """The spacing in short, such as M1; a key of `HABITS` where it is a usual one."""
        return f"{self.unit}{self.step}"

    def moments(self, places: Whole) -> NDArray[np.datetime64]:
        """When these steps are."""
        units = self.start + self.step * places
        if self.unit == "B":
            return np.busday_offset(np.datetime64("1970-01-01"), units, roll="forward").astype("datetime64[s]")
        counted: NDArray[np.datetime64] = units.astype(f"datetime64[{self.unit}]")
        return counted.astype("datetime64[s]")

    def labels(self, places: Whole) -> list[str]:
        """The dates of these steps in words."""
        units = self.start + self.step * places
        if self.unit == "n":
            return [str(number) for number in units.tolist()]
        if self.unit == "M" and self.step == 12:
            return [text[:4] for text in units.astype("datetime64[M]").astype(str)]
        if self.unit == "M" and self.step == 3:
            return [f"{1970 + number // 12}-Q{number % 12 // 3 + 1}" for number in units.tolist()]
        length = {"M": 7, "D": 10, "B": 10, "s": 16 if self.step % 60 == 0 else 19}[self.unit]
        return [text[:length].replace("T", " ") for text in self.moments(places).astype(str)]

    def phases(self, places: Whole) -> NDArray[np.float32]:
        """Sine and cosine of each cycle that the spacing can tell apart: (places, 2 * cycles)."""
        found = []
        for cycle in cycles(self.spacing):
            turn = 2 * np.pi * _share(self.moments(places), cycle)
            found += [np.sin(turn), np.cos(turn)]
        return np.stack(found, 1).astype(np.float32) if found else np.zeros((len(places), 0), np.float32)

    def place(self, text: str) -> int:
        """The last step that is not after this date.

        Raises:
            DataError: it is no date.
        """
        kind, moment = _read(text, "the date")
        if self.unit == "n" and kind == "number":
            return (int(moment.astype(np.int64)) - self.start) // self.step
        if self.unit == "n" or (kind == "number" and not _YEAR.fullmatch(text)):
            raise DataError(f"'{text}' does not go with dates such as {self.labels(np.arange(1))[0]}")
        known = np.datetime64(text, "s") if kind == "number" else moment
        if self.unit == "B":
            return int(np.busday_count("1970-01-01", known.astype("datetime64[D]") + 1)) - 1 - self.start
        return (int(known.astype(f"datetime64[{self.unit}]").astype(np.int64)) - self.start) // self.step


def cycles(spacing: str) -> tuple[str, ...]:
    """The calendar's cycles that steps of this spacing tell apart."""
    return {"M12": (), "D7": ("year",)}.get(spacing, CYCLES[spacing[0]])


def words(spacing: str) -> str:
    """A spacing in words."""
    known = HABITS.get(spacing)
    return known.words if known else f"every {spacing[1:]} {UNITS[spacing[0]]}s"


def _share(moments: NDArray[np.datetime64], cycle: str) -> NDArray[np.float64]:
    """How much of the cycle is over, from 0 to 1."""
    days = (moments - np.datetime64("1970-01-05")) / np.timedelta64(1, "D")  # a Monday
    if cycle == "day":
        return np.asarray(days % 1)
    if cycle == "week":
        return np.asarray(days % 7 / 7)
    years = moments.astype("datetime64[Y]")
    return np.asarray(
        (moments - years.astype("datetime64[s]"))
        / ((years + 1) - years).astype("timedelta64[Y]").astype("timedelta64[D]")
    )


def read_axis(texts: Sequence[str], where: str) -> tuple[Axis, Whole]:
    """The axis on which these dates lie, and the order that sorts them.

    Args:
        where: the file, for messages.

    Raises:
        DataError: a date cannot be read, comes twice, or the spacing is not even.
    """
    if len(texts) < 3:
        raise DataError(f"{where}: {len(texts)} rows are too few to see a spacing")
    read = [_read(text, f"{where}, row {row}") for row, text in enumerate(texts, 1)]
    kinds = Counter(kind for kind, _ in read)
    if len(kinds) > 1:
        odd = next(row for row, (kind, _) in enumerate(read) if kind == min(kinds, key=kinds.__getitem__))
        raise DataError(
            f"{where}, row {odd + 1}: '{texts[odd]}' is written otherwise than the other dates; use one form"
        )
    unit, units = _units(read[0][0], np.array([moment for _, moment in read]), texts)
    order = np.argsort(units, kind="stable")
    step = _step(unit, units[order], [texts[place] for place in order], where)
    return Axis(unit, step, int(units[order[0]])), order


def is_date(text: str) -> bool:
    """Whether a text has the form of a date, or of a step's number."""
    return any(form.fullmatch(text.strip()) for form in _FORMS.values())


def _read(text: str, where: str) -> tuple[str, np.datetime64]:
    text = text.strip()
    for kind, form in _FORMS.items():
        if found := form.fullmatch(text):
            try:
                return ("day" if kind == "german" else kind), _moment(kind, found)
            except ValueError:
                break
    hint = "; is that day/month or month/day?" if re.match(r"\d{1,2}/\d{1,2}/\d{2,4}", text) else ""
    raise DataError(f"{where}: '{text}' is no date that can be read{hint}; accepted: {ACCEPTED}")


def _moment(kind: str, found: re.Match[str]) -> np.datetime64:
    numbers = [int(group or 0) for group in found.groups()]
    if kind == "number":
        return np.datetime64(numbers[0], "s")
    if kind == "quarter":
        return np.datetime64(f"{numbers[0]:04}-{3 * numbers[1] - 2:02}", "s")
    if kind == "month":
        return np.datetime64(f"{numbers[0]:04}-{numbers[1]:02}", "s")
    year, month, day = numbers[:3] if kind == "day" else numbers[2::-1]
    hour, minute, second = numbers[3:]
    return np.datetime64(f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}", "s")


def _units(kind: str, moments: NDArray[np.datetime64], texts: Sequence[str]) -> tuple[str, Whole]:
    """The unit in which these moments are counted, and the counts."""
    if kind == "number":
        numbers = moments.astype(np.int64)
        if all(_YEAR.fullmatch(text.strip()) for text in texts):
            return "M", (numbers - 1970) * 12  # years
        return "n", numbers
    months = moments.astype("datetime64[M]")
    days = moments.astype("datetime64[D]")
    if (days != moments).any():
        return "s", moments.astype(np.int64)
    into = (days - months).astype(np.int64)
    ends = (days + 1 == months + 1).all()
    if kind != "day" or ends or ((into == into[0]).all() and len(np.unique(months)) == len(months)):
        return "M", months.astype(np.int64)
    if _working(days):
        return "B", np.busday_count("1970-01-01", days).astype(np.int64)
    return "D", days.astype(np.int64)


def _working(days: NDArray[np.datetime64]) -> bool:
    """Whether these are Mondays to Fridays, all weeks through."""
    gaps = np.diff(np.sort(days)).astype(np.int64)
    return bool(np.is_busday(days).all() and (gaps == 1).mean() > 0.5 and (gaps == 3).any())


def _step(unit: str, units: Whole, texts: Sequence[str], where: str) -> int:
    gaps = np.diff(units)
    if (gaps == 0).any():
        place = int(np.argmin(gaps))
        raise DataError(f"{where}: the date '{texts[place]}' comes twice; give one row for each date")
    usual, count = Counter(gaps.tolist()).most_common(1)[0]
    wrong = np.flatnonzero(gaps != usual)
    if not len(wrong):
        return int(usual)
    first = wrong[0]
    between = f"'{texts[first]}' and '{texts[first + 1]}'"
    many = f" ({len(wrong)} such places)" if len(wrong) > 1 else ""
    if count < 0.6 * len(gaps) or (gaps[wrong] % usual).any():
        raise DataError(
            f"{where}: the dates are not evenly spaced: mostly {usual} {UNITS[unit]}s apart, but {gaps[first]} between "
            f"{between}{many}; bring them to one spacing"
        )
    raise DataError(
        f"{where}: a gap between {between}{many}: {gaps[first] // usual - 1} rows are missing; fill them, with what "
        "was measured or with a value between their neighbours"
    )
