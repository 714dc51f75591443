"""What a loss function is given does not fit it."""

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, Outcome, Remedy
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.rules.consequences import LEARNS_LITTLE
from understudy.doctor.signals import Signal, Signals

TORCH = "PyTorch documentation, torch.nn: "
EXACT = "exact: the graph of the loss says it; no healthy run has it"


def worst(signals: Signals, name: str) -> Signal:
    """The signal of this name with the largest newest value, over all places."""
    return max(signals.every(name), key=lambda signal: signal.last)


def softmax_twice(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where every reading says so."""
    found = worst(signals, "softmax_twice")
    if min(found.values) < 1:
        return Clear()
    return rule.fire(
        f"the rows that the loss takes for logits are probabilities: not below 0, and summing to 1, in all "
        f"{len(found)} looks; such logits differ by 1 at most, so that the loss cannot come near 0",
        step=found.steps[0],
        place=found.place,
        value=1.0,
    )


SOFTMAX_TWICE = Rule(
    id="softmax-twice",
    title="Softmax is applied twice",
    severity="error",
    cause="Cross-entropy applies softmax itself, and is given probabilities in place of logits.",
    reference=TORCH + "CrossEntropyLoss (its input is unnormalised logits); Goodfellow et al., 2016, section 6.2.2.3.",
    healthy=Band("softmax_twice", high=0.0, measured=EXACT),
    remedies=(
        Remedy(
            "Give the loss the logits, without softmax",
            expects="the loss can fall below ln(e + C - 1) - 1",
            code="loss = F.cross_entropy(logits, y)  # softmax only where probabilities are wanted",
        ),
    ),
    examine=softmax_twice,
    sick=Example(Signals.of({"softmax_twice @ train.py:9": [1, 1, 1]})),
    well=Example(Signals.of({"softmax_twice @ train.py:9": [0, 0, 0]})),
    needs=("softmax_twice",),
    hides=("initial-loss", *LEARNS_LITTLE),
)


def sigmoid_twice(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where every reading says so."""
    found = worst(signals, "sigmoid_twice")
    if min(found.values) < 1:
        return Clear()
    return rule.fire(
        f"what the loss takes for logits comes out of a sigmoid, in all {len(found)} looks: they lie in [0, 1], so "
        "that no probability is below 0.5 or above 0.73",
        step=found.steps[0],
        place=found.place,
        value=1.0,
    )


SIGMOID_TWICE = Rule(
    id="sigmoid-twice",
    title="Sigmoid is applied twice",
    severity="error",
    cause="Binary cross-entropy with logits applies the sigmoid itself, and is given probabilities.",
    reference=TORCH + "BCEWithLogitsLoss (it combines a sigmoid and BCELoss).",
    healthy=Band("sigmoid_twice", high=0.0, measured=EXACT),
    remedies=(
        Remedy(
            "Give the loss the logits, without sigmoid",
            expects="outputs below 0.5 become possible",
            code="loss = F.binary_cross_entropy_with_logits(logits, y)  # or sigmoid, and BCELoss",
        ),
    ),
    examine=sigmoid_twice,
    sick=Example(Signals.of({"sigmoid_twice @ train.py:9": [1, 1, 1]})),
    well=Example(Signals.of({"sigmoid_twice @ train.py:9": [0, 0, 0]})),
    needs=("sigmoid_twice",),
    hides=("initial-loss", *LEARNS_LITTLE),
)


def probabilities_wanted(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where values outside [0, 1] are taken for probabilities, or rows that do not sum to 1 for their logs."""
    plain, logs = signals.every("not_probabilities"), signals.every("not_log_probabilities")
    for found in plain:
        if found.values and found.last > 0:
            return rule.fire(
                f"{found.last:.0%} of the values that binary cross-entropy takes for probabilities lie outside [0, 1]",
                step=found.steps[0],
                place=found.place,
                value=found.last,
            )
    for found in logs:
        if min(found.values) > LOG_SUM:
            return rule.fire(
                f"exp of what nll_loss takes for log-probabilities misses a sum of 1 by {found.last:.2g} nats",
                step=found.steps[0],
                place=found.place,
                value=found.last,
                remedies=rule.remedies[1:],
            )
    return Clear()


LOG_SUM = 1e-2
"""Nats by which log-probabilities may miss a sum of 1; rounding in 16 bits misses it by less."""
PROBABILITIES_WANTED = Rule(
    id="probabilities-wanted",
    title="The loss wants probabilities, and gets something else",
    severity="error",
    cause="BCELoss takes probabilities and NLLLoss their logarithms; logits belong to BCEWithLogitsLoss and "
    "CrossEntropyLoss.",
    reference=TORCH + "BCELoss, NLLLoss.",
    healthy=Band("not_probabilities", high=0.0, measured=EXACT),
    remedies=(
        Remedy(
            "Let the loss apply the sigmoid",
            expects="the loss is finite and falls",
            code="loss = F.binary_cross_entropy_with_logits(logits, y)",
        ),
        Remedy(
            "Let the loss apply log-softmax",
            expects="the loss begins at ln C",
            code="loss = F.cross_entropy(logits, y)  # or nll_loss(F.log_softmax(logits, 1), y)",
        ),
    ),
    examine=probabilities_wanted,
    sick=Example(Signals.of({"not_probabilities @ train.py:9": [0.4]})),
    well=Example(
        Signals.of({"not_probabilities @ train.py:9": [0, 0], "not_log_probabilities @ train.py:12": [1e-7, 1e-7]})
    ),
    hides=("initial-loss", "non-finite", "pole", *LEARNS_LITTLE),
)


def target_outside(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where more than a twentieth of the targets cannot be reached."""
    found = worst(signals, "target_outside")
    if found.last <= SHARE_OUTSIDE:
        return Clear()
    ends = [signals.one(name, found.place).last for name in ("target_low", "target_high")]
    may = [signals.one(name, found.place).last for name in ("target_floor", "target_ceiling")]
    return rule.fire(
        f"{found.last:.0%} of the targets are out of reach: they go from {ends[0]:.3g} to {ends[1]:.3g}, and the loss "
        f"or the last activation allows {may[0]:.3g} to {may[1]:.3g}",
        step=found.steps[0],
        place=found.place,
        value=found.last,
    )


SHARE_OUTSIDE = 0.05
TARGET_OUT_OF_REACH = Rule(
    id="target-out-of-reach",
    title="Targets lie where no output can",
    severity="error",
    cause="Cross-entropy is about targets in [0, 1], and a sigmoid, tanh or ReLU at the end says nothing beyond its "
    "own range; the data were not scaled to it.",
    reference=TORCH
    + "BCEWithLogitsLoss (targets are numbers between 0 and 1); LeCun et al., 1998, Efficient BackProp, "
    "section 4.5.",
    healthy=Band("target_outside", high=SHARE_OUTSIDE, measured="0 in healthy runs; blurred labels of GANs allowed"),
    remedies=(
        Remedy(
            "Scale the targets to the output's range",
            expects="no target is out of reach",
            code="y = (y - y.min()) / (y.max() - y.min())",
        ),
        Remedy(
            "Leave the last activation out, and take the squared error",
            expects="every target can be reached",
            code="loss = F.mse_loss(last_layer(h), y)",
        ),
    ),
    examine=target_outside,
    sick=Example(
        Signals.of(
            {
                "target_outside @ train.py:9": [0.6, 0.6],
                "target_low @ train.py:9": [0, 0],
                "target_high @ train.py:9": [255, 255],
                "target_floor @ train.py:9": [-0.3, -0.3],
                "target_ceiling @ train.py:9": [1.3, 1.3],
            }
        )
    ),
    well=Example(Signals.of({"target_outside @ train.py:9": [0, 0]})),
    needs=("target_outside",),
    hides=("initial-loss", *LEARNS_LITTLE),
)


def loss_broadcast(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where a comparison has more pairs than numbers."""
    found = worst(signals, "loss_broadcast")
    if found.last <= 1:
        return Clear()
    return rule.fire(
        f"each output is compared with {found.last:.0f} targets, not with its own: shapes such as ({found.last:.0f}, "
        f"1) and ({found.last:.0f},) are spread over each other to ({found.last:.0f}, {found.last:.0f})",
        step=found.steps[0],
        place=found.place,
        value=found.last,
    )


LOSS_BROADCAST = Rule(
    id="loss-broadcast",
    title="Output and target have different shapes, and are spread over each other",
    severity="error",
    cause="An axis of length 1 is missing or too many, so that broadcasting compares each output with every target; "
    "the best that can be learnt then is the mean of all targets.",
    reference="PyTorch documentation, Broadcasting semantics.",
    healthy=Band("loss_broadcast", high=1.0, measured="exact: counted from the shapes"),
    remedies=(
        Remedy(
            "Give both the same shape",
            expects="as many comparisons as outputs",
            code="loss = F.mse_loss(output.squeeze(1), y)  # or y.unsqueeze(1)",
        ),
    ),
    examine=loss_broadcast,
    sick=Example(Signals.of({"loss_broadcast @ train.py:9": [32, 32]})),
    well=Example(Signals.of({"loss_broadcast @ train.py:9": [1, 1]})),
    needs=("loss_broadcast",),
    hides=("initial-loss", *LEARNS_LITTLE),
)


def padding_counted(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where padding has a part in the gradient."""
    found = worst(signals, "padding_gradient")
    if found.last <= 0:
        return Clear()
    return rule.fire(
        f"{found.last:.0%} of the squared gradient of the logits comes from places that only fill sentences up, behind "
        f"the token that ends them; without them it would be 0",
        step=found.steps[0],
        place=found.place,
        value=found.last,
    )


PADDING_COUNTED = Rule(
    id="padding-counted",
    title="Padding counts in the loss",
    severity="error",
    cause="The loss is taken over the tokens that fill short sentences up; the network learns to say padding, and the "
    "mean over all places hides what it does at the others.",
    reference=TORCH + "CrossEntropyLoss (ignore_index).",
    healthy=Band("padding_gradient", high=0.0, measured="exact: the gradient at those places is 0"),
    remedies=(
        Remedy(
            "Leave the padding out of the loss",
            expects="its gradient is 0",
            code="loss = F.cross_entropy(logits, y, ignore_index=PAD)",
        ),
    ),
    examine=padding_counted,
    sick=Example(Signals.of({"padding_gradient @ train.py:9": [0.4, 0.3]})),
    well=Example(Signals.of({"padding_gradient @ train.py:9": [0, 0]})),
    needs=("padding_gradient",),
)
