"""Units of bounded activations that are at an end for nearly every item."""

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, NotApplicable, Outcome, Remedy
from understudy.doctor.persistence import holding
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.rules.dead_units import worst
from understudy.doctor.signals import Signals
from understudy.doctor.skill import poor

SATURATED = 0.5
BEGUN, LASTS = 2, 200
"""Step up to which the initialisation is to blame; and steps that a later state must last."""


def examine(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where three readings in a row find half of a layer at its ends, and little is learnt.

    Some healthy networks push a decoder's first units there for their biases' sake, and learn by the others.
    """
    if "sparse" in facts.families:
        return NotApplicable("a sparse code is at its end on purpose")
    found = worst(signals, "saturated_units")
    since = holding(found, lambda share: share > SATURATED)
    if since is None or not poor(signals) or (since > BEGUN and found.steps[-1] - since < LASTS):
        return Clear()
    return rule.fire(
        f"{found.last:.0%} of the units behind {found.place} are beyond 99% of their range for 95% of the items, since "
        f"step {since}; healthy layers have up to {SATURATED:.0%}",
        step=since,
        place=found.place,
        series=found,
    )


RULE = Rule(
    id="saturated-units",
    title="Units are saturated",
    severity="warning",
    cause="Their input is so large that the activation is flat there: they give the same for every item, and hardly "
    "any gradient passes.",
    reference="Glorot and Bengio, 2010, Understanding the difficulty of training deep feedforward neural networks, "
    "section 3.",
    healthy=Band("saturated_units", high=SATURATED, measured="39% at most where little is learnt, in healthy runs"),
    remedies=(
        Remedy(
            "Normalise before the activation", {"layer_norm": True}, "saturated_units falls to 0", "nn.LayerNorm(units)"
        ),
        Remedy("Take smaller steps", {"learning_rate": "/10"}, "units do not get there", "Adam(..., lr=lr / 10)"),
        Remedy("Use an open activation", {"activation": "leaky-relu"}, "there is no end to be at", "nn.LeakyReLU(0.1)"),
    ),
    examine=examine,
    sick=Example(
        Signals.of({"saturated_units @ encoder.1": [0.9, 0.95, 1.0, 1.0]}, 32, first=1)
        | Signals.of({"units @ encoder.1": [128], "constant @ loss": [27.1], "fitted/loss": [27.0]})
    ),
    well=Example(
        Signals.of({"saturated_units @ encoder.1": [0.0, 0.0, 0.01, 0.02]}, 32)
        | Signals.of({"units @ encoder.1": [128]})
    ),
    needs=("saturated_units",),
    hides=("no-skill", "one-batch", "ignored-code", "posterior-collapse"),
)
