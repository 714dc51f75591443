"""A hand-written backward pass is not the gradient of its forward pass."""

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, NotApplicable, NotEnough, Outcome, Remedy
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.rules.consequences import GOES_ASTRAY, LEARNS_LITTLE
from understudy.doctor.signals import Signal, Signals

LIMIT = 1e-4
"""Relative error of a right one in float64; `backward_limit` is that of one that computes in fewer bits."""
NAMED = 6
"""Further gradients that are named."""


def wrong_backward(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where a gradient is not that of differences."""
    if signals.one("by_hand").last == 0:
        return NotApplicable("no backward pass is written by hand")
    read = signals.every("backward_error")
    wrong = [one for one in read if one.last > _limit(one, signals)]
    if not wrong:
        unread = [one.place for one in signals.every("backward_unchecked") if one.last == 1]
        return NotEnough("; ".join(unread)) if unread or not read else Clear()
    flat = {one.place for one in signals.every("backward_flat") if one.last == 1}
    worst = max(wrong, key=lambda one: (one.place not in flat, one.last))
    others = ", ".join([one.place for one in wrong if one is not worst][:NAMED])
    mistake = _mistake(worst.place, signals)
    return rule.fire(
        _compared(worst, signals)
        + (f"; it looks like: {mistake}" if mistake else "")
        + (
            "; where the output moves it is right, so that a mask is missing, if this is not meant"
            if worst.place in flat
            else ""
        )
        + (f"; wrong too: {others}" if others else ""),
        step=worst.steps[0],
        place=worst.place,
        value=worst.last,
        severity="warning" if worst.place in flat else None,
        remedies=(*_repair(mistake, worst.place), *rule.remedies),
    )


def _limit(found: Signal, signals: Signals) -> float:
    limit = signals.one("backward_limit", found.place)
    return limit.last if len(limit) else LIMIT


def _compared(found: Signal, signals: Signals) -> str:
    """The hand-written gradient beside that of differences."""
    ratio = signals.one("backward_ratio", found.place)
    given, numeric = (signals.one(name, found.place) for name in ("backward_given", "backward_numeric"))
    entry = f" (one entry: {given.last:.4g} in place of {numeric.last:.4g})" if len(given) else ""
    if len(ratio):
        return f"the hand-written gradient of {found.place} is {ratio.last:.3g} times the numeric one{entry}"
    return (
        f"the hand-written gradient of {found.place} misses the numeric one by {found.last:.1%} of its size{entry}, "
        f"right ones by less than {LIMIT:.2%}"
    )


def _mistake(place: str, signals: Signals) -> str:
    """What it looks like, as `check_gradients` says."""
    for signal in signals.every("backward_mistake"):
        where, _, name = signal.place.partition(": ")
        if where == place:
            return name
    return ""


def _repair(mistake: str, place: str) -> tuple[Remedy, ...]:
    """The line of algebra that is right."""
    from understudy.scratch.gradient_check.hypotheses import HYPOTHESES

    slot = place.rpartition(".")[2]
    kind = mistake.partition(" (")[0]
    found = next((one for one in HYPOTHESES if mistake and one.kind == kind), None)
    if found is None:
        return ()
    cause, right = (text.replace("{slot}", slot).partition("{detail}")[0] for text in (found.cause, found.right))
    return (Remedy(cause.rstrip(".") or mistake, expects="the ratio becomes 1", code=right),)


RULE = Rule(
    id="wrong-backward",
    title="A hand-written backward pass is wrong",
    severity="error",
    cause="What backward returns is not the derivative of what forward computes: a wrong term, a factor left out, a "
    "sum that went over the wrong axis or over arrays that were spread over each other.",
    reference="Baydin et al., 2018, Automatic Differentiation in Machine Learning: a Survey, JMLR 18, section 2.1 "
    "(differences); PyTorch documentation, Extending PyTorch: torch.autograd.gradcheck.",
    healthy=Band("backward_error", high=LIMIT, measured="2e-9 and less in our healthy loops, kinks left out"),
    remedies=(
        Remedy(
            "Derive it anew from forward, from the output back, and have every entry compared",
            expects="the relative error is below 1e-4",
            code="print(us.check_gradients(Function, x))  # or: understudy check-gradients FILE.py:CLASS",
        ),
        Remedy(
            "Where another gradient is meant, say so: a straight-through estimator, a surrogate",
            expects="it is set aside, with the reason",
            code='us.watch(..., ignore={"wrong-backward": "straight-through on purpose"})',
        ),
    ),
    examine=wrong_backward,
    sick=Example(
        Signals.of({
            "by_hand": [1], "backward_error @ Square.x": [0.5], "backward_ratio @ Square.x": [0.5],
            "backward_given @ Square.x": [0.3], "backward_numeric @ Square.x": [0.6],
            "backward_mistake @ Square.x: missing factor 2": [1],
        })
    ),
    well=Example(Signals.of({"by_hand": [1], "backward_error @ Square.x": [3e-10]})),
    needs=("by_hand",),
    hides=tuple(dict.fromkeys((*GOES_ASTRAY, *LEARNS_LITTLE))),
)  # fmt: skip
