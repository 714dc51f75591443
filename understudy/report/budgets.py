"""What runs were given to train with, and whether they were given the same."""

from collections.abc import Callable, Mapping, Sequence

from understudy.report.numbers import format_duration, format_number

_WORDS: dict[str, Callable[[float], str]] = {
    "minutes": lambda value: format_duration(60 * value),
    "steps": lambda value: f"{format_number(value)} steps",
    "epochs": lambda value: f"{format_number(value)} epochs",
}


def budget_text(budget: Mapping[str, float]) -> str:
    """A budget in words, such as '4 min'; empty where none is known."""
    return ", ".join(_WORDS[name](value) for name, value in budget.items())


def differ(budgets: Sequence[Mapping[str, float]]) -> bool:
    """Whether not all of them are the same."""
    return any(budget != budgets[0] for budget in budgets)


UNEQUAL = "Not all had the same budget: what trained longer may be ahead for that alone."
