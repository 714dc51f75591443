"""A loss, gradient or weight is NaN or infinite; where the step was taken again, by which operation."""

from dataclasses import dataclass

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, Outcome, Remedy
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.rules.rate import USUAL_RATE
from understudy.doctor.signals import Signal, Signals

SMALLER = Remedy(
    "Take smaller steps",
    {"learning_rate": "/10"},
    "the loss stays finite",
    "for group in optimizer.param_groups: group['lr'] /= 10",
)
SHORTER = Remedy(
    "Shorten long gradients",
    {"clip_norm": 1.0},
    "gradient_norm stays near 1",
    "torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)  # before optimizer.step()",
)
WIDER = Remedy("Compute in 32 bits", {"precision": "fp32"}, "no overflow in 16 bits", "remove torch.autocast")


@dataclass(frozen=True)
class Way:
    """One way to a value that is not finite: the operations by whose names it is known, its cause, what to try."""

    operations: tuple[str, ...]
    cause: str
    remedies: tuple[Remedy, ...]


WAYS = (
    Way(
        ("log", "xlogy"),
        "A logarithm of 0, or of a number below 0.",
        (
            Remedy(
                "Compute the loss from logits",
                expects="no logarithm of a rounded probability",
                code="F.binary_cross_entropy_with_logits(logits, y)  # or F.cross_entropy(logits, y)",
            ),
            Remedy("Keep the argument above 0", code="x.clamp_min(1e-6).log()"),
            SMALLER,
            USUAL_RATE,
        ),
    ),
    Way(
        ("div", "reciprocal", "rsqrt", "sqrt", "norm", "pow", "linalg_vector_norm"),
        "A division by 0, or the slope of a root or a norm at 0.",
        (
            Remedy("Add a little to what is divided by, or under the root", code="(x.square().sum() + 1e-12).sqrt()"),
            SMALLER,
            USUAL_RATE,
        ),
    ),
    Way(
        ("exp", "softmax", "sinh", "softplus", "logsumexp"),
        "An exponential of a number so large that the result has no place in the format.",
        (
            Remedy("Hold the exponent within bounds", code="log_variance.clamp(-10, 10).exp()"),
            SMALLER,
            USUAL_RATE,
            SHORTER,
            WIDER,
        ),
    ),
)
GROWTH = Way(
    (),
    "Weights and activations grew from step to step until a product had no place in the format: the steps are too "
    "large for the loss's slope.",
    (SMALLER, USUAL_RATE, SHORTER, WIDER),
)
UNKNOWN = "A step too large for the loss's slope, or a logarithm or division at its pole."


def way(operation: str) -> Way:
    """By the operation's name."""
    return next((known for known in WAYS if operation.strip("_").startswith(known.operations)), GROWTH)


def examine(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires at the first value that was not finite; its place is the term."""
    broken = min(signals.every("non_finite"), key=lambda signal: signal.steps[0], default=None)
    if broken is None:
        return Clear()
    step, term = broken.steps[0], broken.place
    evidence = f"{term} = {broken.first} at step {step}; every value before was finite"
    culprit = next((signal.place for signal in signals.every("culprit") if step in signal.steps), "")
    found = way(culprit) if culprit else None
    return rule.fire(
        f"{evidence}. The first operation whose result was not finite: {culprit}" if culprit else evidence,
        step=step,
        place=term,
        title=f"{term} became {broken.first}",
        cause=found.cause if found else UNKNOWN,
        remedies=found.remedies if found else (SMALLER, USUAL_RATE, SHORTER, WIDER),
        series=next(iter(signals.every("training/loss")), None),
    )


RULE = Rule(
    id="non-finite",
    title="A loss or weight became NaN or infinite",
    severity="error",
    cause=UNKNOWN,
    reference="Goodfellow, Bengio and Courville, 2016, Deep Learning, section 4.1 (overflow and underflow).",
    healthy=Band("training/loss", measured="every value is finite; there is no other band"),
    remedies=(SMALLER, USUAL_RATE, SHORTER, WIDER, *WAYS[0].remedies[:2], WAYS[1].remedies[0]),
    examine=examine,
    sick=Example(
        Signals.of({"training/loss": [2.3, 1.9, 8.1, 5e3, 4e12]}, 50)
        | Signals([Signal("non_finite", "loss", (251,), (float("inf"),))])
        | Signals([Signal("culprit", "log of values from 0 to 0.9, losses.py:12: (y * p.log()).sum()", (251,), (1.0,))])
    ),
    well=Example(Signals.of({"training/loss": [2.3, 1.9, 1.6, 1.5, 1.4]}, 50)),
    hides=(
        "overfitting",
        "no-skill",
        "rate-too-high",
        "rate-too-low",
        "exploding",
        "memory-explodes",
        "memory-vanishes",
        "weights-blow-up",
        "vanishing",
        "dead-units",
        "saturated-units",
        "dead-codes",
        "mode-collapse",
        "posterior-collapse",
        "ignored-code",
        "discriminator-dominates",
        "discriminator-lags",
    ),
)
