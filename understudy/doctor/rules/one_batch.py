"""Not even one batch can be learnt by heart."""

import math

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, Outcome, Remedy
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.rules.rate import USUAL_RATE
from understudy.doctor.signals import Signals

LEAST = 0.1
OF_HOUSE = Facts(network="autoencoder")


def examine(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where the best that was reached is hardly better than a constant answer."""
    learnt = signals.one("one_batch_skill")
    best = max(learnt.finite.values, default=-math.inf)
    if best >= LEAST:
        return Clear()
    return rule.fire(
        f"trained for {learnt.steps[-1]} steps on one small batch alone, the network saves {best:.1%} of the loss of "
        f"an answer that is the same for every item (healthy: {LEAST:.0%} and more)",
        value=best,
        series=learnt,
    )


RULE = Rule(
    id="one-batch",
    title="Not even one batch can be learnt by heart",
    severity="error",
    cause="A few items can be learnt by heart by every network that learns at all: something of the input does not "
    "reach the output, something of the loss does not reach the weights, or the rate is far off.",
    reference="Karpathy, 2019, A Recipe for Training Neural Networks, step 2: overfit one batch.",
    healthy=Band(
        "one_batch_skill",
        low=LEAST,
        measured="0.37 and more in 12 networks of the house, 2 seeds each; 0.01 and less at rates of 1e-7 and 3, and "
        "with seven layers of sigmoids",
    ),
    remedies=(
        Remedy("Look at a batch: are inputs and targets what they should be?", code="print(x.min(), x.max(), y[:10])"),
        USUAL_RATE,
        Remedy("Normalise each layer", {"layer_norm": True}, "one_batch_skill rises", "nn.LayerNorm(units)"),
    ),
    examine=examine,
    sick=Example(Signals.of({"one_batch_skill": [-0.01, 0.0, 0.0, 0.01, 0.01]}, 64, first=0), OF_HOUSE),
    well=Example(Signals.of({"one_batch_skill": [-0.01, 0.1, 0.4, 0.7, 0.8]}, 64, first=0), OF_HOUSE),
    needs=("one_batch_skill",),
    of_runs=True,
    hides=("no-skill",),
)
