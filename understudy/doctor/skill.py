"""How much better than an answer that is the same for every item? What rules judge learning by, never a slope alone."""

from __future__ import annotations

from understudy.doctor.signals import Signal, Signals


def skill(signals: Signals, part: str = "fitted") -> Signal:
    """(constant - loss) over the constant's loss: 0 where nothing is learnt, 1 where the loss is 0.

    Where a density makes the constant's loss small or negative, the way that there was to go at first is the measure.

    Args:
        part: `training`, `fitted` (training items in evaluation mode) or `validation`.
    """
    constant = next(iter(signals.every("constant")), None)
    if constant is None or not len(constant):
        return Signal("skill")
    loss = signals.one(f"{part}/{constant.place}").finite
    if not len(loss):
        loss = signals.one(f"{part}/loss").finite
    first = signals.one("first_loss").first
    scale = max(abs(constant.last), abs(first - constant.last) if first == first else 0.0, 1e-12)
    return Signal("skill", "", loss.steps, tuple((constant.last - value) / scale for value in loss.values))


SPAN = 100
"""Steps that a mean is taken over, where batches are small and a reading is of few of them."""
LOOKS = 3


def smoothed(series: Signal, span: int = SPAN) -> Signal:
    """Each value's mean with those of so many steps before it."""
    means = []
    for step in series.steps:
        near = [value for at, value in zip(series.steps, series.values, strict=True) if step - span < at <= step]
        means.append(sum(near) / len(near))
    return Signal(series.name, series.place, series.steps, tuple(means))


def recent(series: Signal) -> float:
    """The mean of the newest three values; NaN where there is none."""
    newest = series.tail(LOOKS).values
    return sum(newest) / len(newest) if newest else float("nan")


def best_skill(signals: Signals) -> float | None:
    """The newest skill on training or held-out items, whichever is better; None where it is not known."""
    found = [skill(signals, part).last for part in ("fitted", "validation") if len(skill(signals, part))]
    return max(found, default=None)


def poor(signals: Signals, share: float = 0.1) -> bool:
    """Whether little is learnt so far: a skill below this share, or, where it is not known, a loss no lower than first.

    Of several players no loss tells: none is poor.
    """
    found = best_skill(signals)
    if found is not None:
        return found < share
    loss, first = signals.one("training/loss").finite, signals.one("first_loss").finite
    return len(loss) > 0 and len(first) > 0 and loss.last > (1 - share) * first.last
