"""Inputs that are all the same."""

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, Outcome, Remedy
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.rules.consequences import LEARNS_LITTLE
from understudy.doctor.signals import Signals


def examine(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires before the first step, where no item of a batch differs from the one before."""
    differ = signals.one("inputs_differ")
    if differ.first > 0:
        return Clear()
    return rule.fire("no item of the first batch differs from the one before it", step=0, value=differ.first)


RULE = Rule(
    id="constant-input",
    title="All inputs are the same",
    severity="error",
    cause="The input is empty, overwritten, or rounded away before it reaches the network: an array of zeros, a "
    "picture divided by 255 as whole numbers, one item repeated.",
    reference="Goodfellow, Bengio and Courville, 2016, Deep Learning, section 11.5 (debugging strategies).",
    healthy=Band("inputs_differ", low=0.0, measured="above 0.9 in our healthy runs"),
    remedies=(
        Remedy("Look at a batch where it enters the network", code="print(x.shape, x.dtype, x.float().std(0).mean())"),
        Remedy("Divide after turning the input into floats", code="x = x.float() / 255"),
    ),
    examine=examine,
    sick=Example(Signals.of({"inputs_differ": [0.0]}, first=0)),
    well=Example(Signals.of({"inputs_differ": [1.0]}, first=0)),
    needs=("inputs_differ",),
    hides=("dead-codes", *LEARNS_LITTLE),
)
