"""Does a remedy win? Its worst seed against the best one of no change and of the control change."""

import math
from collections.abc import Sequence

from understudy.runs.sweep import SETTLED, Criterion, Outcome, Row

LEAST = 0.01
"""Share by which it must be better: what is less is not worth a change, however sure it is."""
OVER = (*SETTLED, "failed")
"""Of a run that has ended, well or not."""


def cost(outcome: Outcome, criterion: Criterion) -> float:
    """The value, lower being better; a run that did not finish, or has none, is the worst there can be."""
    value = outcome.criterion
    if outcome.status != "finished" or value is None or not math.isfinite(value):
        return math.inf
    return value if criterion.better == "low" else -value


def beaten_by(row: Row, references: Sequence[Row], criterion: Criterion) -> Row | None:
    """The reference whose best seed is as good as one of the row's seeds that are done, if there is any."""
    best = min(references, key=lambda other: _best(other, criterion))
    value = _best(best, criterion)
    goal = value if math.isinf(value) else value - LEAST * abs(value)
    done = [outcome for outcome in row.outcomes if outcome.status in OVER]
    return best if any(cost(outcome, criterion) >= goal for outcome in done) else None


def wins(row: Row, references: Sequence[Row], criterion: Criterion) -> bool:
    """Whether all its seeds are done, and better than every one of theirs by enough."""
    return row.whole and beaten_by(row, references, criterion) is None


def mean(row: Row, criterion: Criterion) -> float:
    """Of the costs."""
    costs = [cost(outcome, criterion) for outcome in row.outcomes]
    return sum(costs) / len(costs)


def _best(row: Row, criterion: Criterion) -> float:
    return min(cost(outcome, criterion) for outcome in row.outcomes)
