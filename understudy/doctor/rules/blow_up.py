"""Weights that grow and grow."""

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, NotApplicable, NotEnough, Outcome, Remedy
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.rules.rate import growth
from understudy.doctor.signals import Signals

GROWTH, STILL = 20.0, 1.1


def examine(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where weights have grown twentyfold and go on growing."""
    if "rbm" in facts.families:
        return NotApplicable("a Boltzmann machine begins with weights near 0")
    grown = growth(signals)
    if len(grown) < 4:
        return NotEnough(f"{len(grown)} samples of the weights; it takes 4")
    earlier = grown.up_to(3 * grown.steps[-1] // 4).last
    if grown.last <= GROWTH or not grown.last > STILL * earlier:
        return Clear()
    return rule.fire(
        f"{grown.place} has grown to {grown.last:.3g} times its first length (healthy: up to {GROWTH:g}), by "
        f"{grown.last / earlier - 1:.0%} in the last quarter of the time",
        step=next(step for step, value in grown if value > GROWTH),
        place=grown.place,
        series=grown,
    )


RULE = Rule(
    id="weights-blow-up",
    title="The weights grow without bound",
    severity="warning",
    cause="The loss falls for ever along one direction, as where it has no lower bound or is best at infinity, or "
    "steps are too large for the weights to settle.",
    reference="Soudry et al., 2018, The Implicit Bias of Gradient Descent on Separable Data, arXiv:1710.10345.",
    healthy=Band("weight_growth", high=GROWTH, measured="up to 4.5 in our healthy runs, 10.3 in earlier ones"),
    remedies=(
        Remedy(
            "Pull the weights to 0", {"weight_decay": 1e-4}, "weight_growth settles", "AdamW(..., weight_decay=0.01)"
        ),
        Remedy("Take smaller steps", {"learning_rate": "/10"}, "weight_growth below 20"),
        Remedy("Bound the loss from below", code="penalise what it rewards without end"),
    ),
    examine=examine,
    sick=Example(
        Signals.of({"weight_norm @ encoder.weight": [9, 40, 90, 170, 300, 480, 700, 1000]}, 32, first=0)
        | Signals.of({"weight_scale @ encoder.weight": [0.58]}, first=0)
    ),
    well=Example(
        Signals.of({"weight_norm @ encoder.weight": [9, 10, 12, 15, 19, 22, 24, 25]}, 32, first=0)
        | Signals.of({"weight_scale @ encoder.weight": [0.58]}, first=0)
    ),
    needs=("weight_norm", "weight_scale"),
    hides=("exploding", "ignored-code", "posterior-collapse", "saturated-units", "dead-units"),
    curve=lambda signals, facts: growth(signals),
)
