"""Dates as people write them, and as ISO 8601 has them: "the 4th of July, 1776" is 1776-07-04.

No pair is ambiguous: a month is named, or the day is above 12, or the year stands first.
"""

import datetime
from collections.abc import Callable

import numpy as np

COUNT = 40_000
FIRST, LAST = datetime.date(1600, 1, 1), datetime.date(2199, 12, 31)
_SEED = 19_880_615  # ISO 8601 was published on that day
MONTHS = ("January February March April May June July August September October November December").split()
SHORT = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
ROMAN = "I II III IV V VI VII VIII IX X XI XII".split()
ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third twenty-fourth "
    "twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first"
).split()
Date = datetime.date


def ordinal(day: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st ..."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{'th' if 11 <= day <= 13 else ending}"


def _name(date: Date) -> str:
    return MONTHS[date.month - 1]


def _short(date: Date) -> str:
    return SHORT[date.month - 1]


def _weekday(date: Date) -> str:
    return WEEKDAYS[date.weekday()]


STYLES: tuple[Callable[[Date], str], ...] = (
    lambda it: f"{it.day} {_name(it)} {it.year}",
    lambda it: f"{it.day:02} {_short(it)} {it.year}",
    lambda it: f"{it.day}-{_short(it)}-{it.year}",
    lambda it: f"{it.day}. {_name(it)} {it.year}",
    lambda it: f"{it.day}.{ROMAN[it.month - 1]}.{it.year}",
    lambda it: f"{ordinal(it.day)} {_name(it)} {it.year}",
    lambda it: f"{ordinal(it.day)} of {_name(it)}, {it.year}",
    lambda it: f"the {ordinal(it.day)} of {_name(it)}, {it.year}",
    lambda it: f"the {ordinal(it.day)} of {_short(it)}. {it.year}",
    lambda it: f"the {ORDINALS[it.day - 1]} of {_name(it)} {it.year}",
    lambda it: f"{_name(it)} {it.day}, {it.year}",
    lambda it: f"{_name(it)} {ordinal(it.day)}, {it.year}",
    lambda it: f"{_name(it)} the {ORDINALS[it.day - 1]}, {it.year}",
    lambda it: f"{_short(it)}. {it.day}, {it.year}",
    lambda it: f"{_short(it)} {ordinal(it.day)} {it.year}",
    lambda it: f"{_weekday(it)}, {it.day} {_name(it)} {it.year}",
    lambda it: f"{_weekday(it)}, {_name(it)} {it.day}, {it.year}",
    lambda it: f"{_weekday(it)} the {ordinal(it.day)} of {_name(it)}, {it.year}",
    lambda it: f"{_weekday(it)[:3]} {it.day} {_short(it)} {it.year}",
    lambda it: f"{_weekday(it)[:3]}, {_short(it)} {it.day:02} {it.year}",
    lambda it: f"in the year {it.year}, on the {ordinal(it.day)} of {_name(it)}",
    lambda it: f"{it.year} {_name(it)} {it.day}",
    lambda it: f"{it.year}, {_short(it)} {ordinal(it.day)}",
    lambda it: f"{it.year}/{it.month:02}/{it.day:02}",
    lambda it: f"{it.year}.{it.month}.{it.day}",
)
ONLY_AFTER_12: tuple[Callable[[Date], str], ...] = (
    lambda it: f"{it.month}/{it.day}/{it.year}",
    lambda it: f"{it.day}/{it.month}/{it.year}",
    lambda it: f"{it.day:02}.{it.month:02}.{it.year}",
    lambda it: f"{it.day:02}-{it.month:02}-{it.year}",
)
"""Styles in which a day up to 12 could be a month."""
CASES: tuple[Callable[[str], str], ...] = (str, str, str.lower, str.upper)


def written(date: Date, draw: np.random.RandomState) -> str:
    """A date in a style that chance decides."""
    styles = STYLES + ONLY_AFTER_12 * (date.day > 12)
    return CASES[draw.randint(len(CASES))](styles[draw.randint(len(styles))](date))


def date_pairs() -> list[tuple[str, str]]:
    """Different dates, each written once.

    The same on every machine: drawn with NumPy's `RandomState`, whose stream is promised for ever (NEP 19).
    """
    draw = np.random.RandomState(_SEED)
    days = draw.permutation((LAST - FIRST).days + 1)[:COUNT]
    dates = [FIRST + datetime.timedelta(int(day)) for day in days]
    return [(written(date, draw), date.isoformat()) for date in dates]
