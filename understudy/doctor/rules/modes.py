"""Training mode where evaluation mode is due, and the other way round."""

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, NotEnough, Outcome, Remedy
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.rules.loss_inputs import worst
from understudy.doctor.signals import Signals

LAYERS = "Srivastava et al., 2014, Dropout, JMLR 15, section 4; Ioffe and Szegedy, 2015, arXiv:1502.03167, algorithm 2."
EXACT = "exact: the mode is read when the network is called"


def judged_in_training(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where the network was judged in training mode, and never in evaluation mode."""
    found = worst(signals, "judged_in_training")
    if min(found.values) < 1:
        return Clear()
    return rule.fire(
        f"{found.place or 'the network'} was in training mode when its loss or accuracy was computed without gradient, "
        "and it has dropout or batch normalisation: two looks at the same items give two results",
        step=found.steps[0],
        place=found.place,
        value=1.0,
    )


JUDGED_IN_TRAINING = Rule(
    id="judged-in-training",
    title="The network is judged in training mode",
    severity="error",
    cause="model.eval() is missing before validation: dropout strikes out values, and batch normalisation uses the "
    "batch's own statistics, and learns from held-out items.",
    reference=LAYERS,
    healthy=Band("judged_in_training", high=0.0, measured=EXACT),
    remedies=(
        Remedy(
            "Change the mode before and after validation",
            expects="two looks give the same result",
            code="model.eval(); validate(); model.train()",
        ),
    ),
    examine=judged_in_training,
    sick=Example(Signals.of({"judged_in_training": [1, 1]})),
    well=Example(Signals.of({"judged_in_training": [0, 0]})),
    needs=("judged_in_training",),
    of_loops=True,
)


def trained_in_evaluation(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where steps are made in evaluation mode, three in a row, after others in training mode."""
    found = worst(signals, "trained_in_evaluation")
    if len(found) < 3:
        return NotEnough(f"{len(found)} steps")
    if min(found.tail(3).values) < 1:
        return Clear()
    return rule.fire(
        f"{found.place or 'the network'} learns in evaluation mode since step {found.tail(3).steps[0]}; before, it was "
        "in training mode",
        step=found.tail(3).steps[0],
        place=found.place,
        value=1.0,
    )


TRAINED_IN_EVALUATION = Rule(
    id="trained-in-evaluation",
    title="The network goes on learning in evaluation mode",
    severity="error",
    cause="model.train() is missing after validation: from then on there is no dropout, and batch normalisation no "
    "longer follows the weights.",
    reference=LAYERS,
    healthy=Band("trained_in_evaluation", high=0.0, measured=EXACT),
    remedies=(Remedy("Go back to training mode after validation", expects="dropout is back", code="model.train()"),),
    examine=trained_in_evaluation,
    sick=Example(Signals.of({"trained_in_evaluation": [0, 0, 1, 1, 1]})),
    well=Example(Signals.of({"trained_in_evaluation": [0, 0, 0]})),
    needs=("trained_in_evaluation",),
    of_loops=True,
)
