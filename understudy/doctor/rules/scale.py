"""Numbers of the wrong size at the beginning: what goes in, and what the loss is before anything is learnt."""

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, Outcome, Remedy
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.rules.consequences import GOES_ASTRAY
from understudy.doctor.rules.loss_inputs import worst
from understudy.doctor.signals import Signals

LARGE_LOSS = 2.0
"""Times the loss of knowing nothing."""
LARGE_ERROR = 10.0
"""The same of a squared error, whose scale is that of the targets in one batch."""
LARGE_INPUT = 10.0


def initial_loss(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where the first loss is twice that of knowing nothing."""
    found = worst(signals, "initial_loss")
    if not found.first > LARGE_LOSS:
        return Clear()
    return rule.fire(
        f"the first loss is {found.first:.3g} times that of a network that knows nothing (ln C for C classes, the mean "
        f"square of the targets); healthy ones begin below {LARGE_LOSS:g}",
        step=found.steps[0],
        place=found.place,
        value=found.first,
    )


INITIAL_LOSS = Rule(
    id="initial-loss",
    title="The first loss is far above that of knowing nothing",
    severity="warning",
    cause="Weights or inputs are so large that the untrained network is sure of what it says, and wrong; the first "
    "steps "
    "go into undoing that.",
    reference="Glorot and Bengio, 2010, Understanding the difficulty of training deep feedforward neural networks.",
    healthy=Band("initial_loss", high=LARGE_LOSS, measured="below 1.6 in our healthy runs"),
    remedies=(
        Remedy("Leave the layers' own initialisation", expects="the first loss is about ln C", code="del init_weights"),
        Remedy("Scale the inputs", expects="the first loss is about ln C", code="x = (x - x.mean(0)) / x.std(0)"),
    ),
    examine=initial_loss,
    sick=Example(Signals.of({"initial_loss @ train.py:9": [14.0]})),
    well=Example(Signals.of({"initial_loss @ train.py:9": [1.02]})),
    needs=("initial_loss",),
)


def unscaled_input(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where large inputs make a large first loss."""
    found = worst(signals, "input_rms")
    loss = max((signal.first for signal in signals.every("initial_loss")), default=0.0)
    error = max((signal.first for signal in signals.every("initial_error")), default=0.0)
    if not found.first > LARGE_INPUT or (loss <= LARGE_LOSS and error <= LARGE_ERROR):
        return Clear()
    size = max(loss, error)
    return rule.fire(
        f"the first layer is given numbers of size {found.first:.3g} (root mean square; about 1 is meant), and the "
        "first "
        f"loss is {size:.3g} times that of knowing nothing",
        step=found.steps[0],
        place=found.place,
        value=found.first,
    )


UNSCALED_INPUT = Rule(
    id="unscaled-input",
    title="The inputs are not scaled",
    severity="warning",
    cause="Layers are initialised for inputs of size 1; larger ones saturate what follows, and make one direction of "
    "the "
    "loss much steeper than the others.",
    reference="LeCun, Bottou, Orr and Müller, 1998, Efficient BackProp, section 4.3.",
    healthy=Band("input_rms", high=LARGE_INPUT, measured="0.02 to 3 in our healthy runs"),
    remedies=(
        Remedy(
            "Standardise the inputs by the training part's mean and deviation",
            expects="size 1, and a first loss of about ln C",
            code="x = (x - x_train.mean(0)) / x_train.std(0)  # pictures of 8 bits: x / 255",
        ),
    ),
    examine=unscaled_input,
    sick=Example(Signals.of({"input_rms @ 0": [140.0], "initial_loss @ train.py:9": [14.0]})),
    well=Example(Signals.of({"input_rms @ 0": [0.4], "initial_loss @ train.py:9": [1.02]})),
    needs=("input_rms",),
    hides=("initial-loss", *GOES_ASTRAY),
)
