"""A layer's units are copies of each other, and stay so."""

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, Outcome, Remedy
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.rules.consequences import LEARNS_LITTLE
from understudy.doctor.signals import Signals

SHARE = 0.5
TIMES = 2
"""Readings in a row: rows that begin equal, and get equal gradients by chance, are told apart by the second step. The
reading of step 0 is the least of several steps on trial, and is enough."""


def examine(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where more than half of a layer's rows are equal and get equal gradients, step after step."""
    for found in signals.every("symmetric_rows"):
        enough = len(found) >= TIMES or found.steps[:1] == (0,)
        if enough and min(found.tail(TIMES).values) > SHARE:
            return rule.fire(
                f"{found.last:.0%} of the rows of {found.place} equal another one, and so do their gradients, in "
                f"{len(found)} steps; no step will tell these units apart",
                step=found.steps[0],
                place=found.place,
                value=found.last,
            )
    return Clear()


RULE = Rule(
    id="symmetric-units",
    title="Units are copies of each other",
    severity="error",
    cause="The weights were initialised with zeros or with a constant: all units of a layer compute the same and get "
    "the same gradient, so that it has one unit in effect.",
    reference="Goodfellow, Bengio and Courville, 2016, Deep Learning, section 8.4 (breaking symmetry).",
    healthy=Band("symmetric_rows", high=SHARE, measured="0; 12% equal rows at most, with different gradients"),
    remedies=(
        Remedy(
            "Leave the layers' own initialisation, or draw the weights at random",
            expects="no two rows are equal",
            code="nn.init.kaiming_uniform_(layer.weight)  # not zeros_ or constant_",
        ),
    ),
    examine=examine,
    sick=Example(Signals.of({"symmetric_rows @ 0.weight": [0.97, 0.97, 0.97]})),
    well=Example(Signals.of({"symmetric_rows @ 0.weight": [0.0, 0.0, 0.0]})),
    needs=("symmetric_rows",),
    hides=("detached", "idle-optimizer", *LEARNS_LITTLE),
)
