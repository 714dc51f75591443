"""Fakes that are all alike, or of few classes."""

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, NotEnough, Outcome, Remedy
from understudy.doctor.persistence import holding
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.rules.rate import USUAL_RATE
from understudy.doctor.signals import Signal, Signals

ALIKE, NARROW = 0.04, 0.5
NEAR, CLASSES = 1.6, 0.4
STEPS, GROWN = 200, 1000
"""Steps before which fakes may be alike, and from which on they must be about as different as real items."""


def examine(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where every noise gives one picture, where variety was lost again, or where good fakes have few classes."""
    spread = signals.one("fake_spread")
    if spread.steps[-1] < STEPS:
        return NotEnough(f"step {spread.steps[-1]} of {STEPS}")
    since = holding(spread.after(STEPS - 1), lambda share: share < ALIKE, 2)
    if since is None:
        since = _lost(spread)
    if since is not None:
        return rule.fire(
            f"the mean distance of two fakes is {spread.last:.1%} of that of two real items since step {since}, in "
            f"trained healthy networks {NARROW:.0%} and more",
            step=since,
            place="generator",
            series=spread,
        )
    return _of_few_classes(rule, signals)


def _lost(spread: Signal) -> int | None:
    """Since when less than half of the variety is left that there once was, past a network's beginnings."""
    best = max(spread.values)
    return holding(spread.after(GROWN - 1), lambda share: share < NARROW * min(1.0, best)) if best > NARROW else None


def _of_few_classes(rule: Rule, signals: Signals) -> Outcome:
    classes, distance = signals.one("fake_classes"), signals.one("fake_distance")
    near = dict(distance)
    classes = classes.after(STEPS - 1)
    good = Signal("fake_classes", "", classes.steps, tuple(
        value if near.get(step, NEAR) < NEAR else 1.0 for step, value in classes
    ))  # fmt: skip
    since = holding(good, lambda share: share < CLASSES)
    if since is None:
        return Clear()
    return rule.fire(
        f"fakes are as near to real items as these are to each other, and of {good.last:.0%} of their classes since "
        f"step {since}, in healthy networks {CLASSES:.0%} and more",
        step=since,
        place="generator",
        value=good.last,
    )


RULE = Rule(
    id="mode-collapse",
    title="The generator has collapsed",
    severity="error",
    cause="It makes whatever the discriminator likes at the moment, and one such thing is enough; or a step threw it "
    "to where its output no longer depends on the noise.",
    reference="Goodfellow, 2016, NIPS Tutorial: Generative Adversarial Networks, arXiv:1701.00160, section 5.1.1; Metz "
    "et al., 2017, Unrolled GANs, arXiv:1611.02163.",
    healthy=Band("fake_spread", low=NARROW, measured="77% and more once trained; 7% and more at first"),
    remedies=(
        Remedy("Take smaller steps", {"learning_rate": "/10"}, "fake_spread rises", "Adam(..., lr=2e-4)"),
        USUAL_RATE,
        Remedy(
            "Judge fakes against real items",
            {"loss": "relativistic", "r1": 1.0, "r2": 1.0, "discriminator_norm": "none", "label_smoothing": 0.0},
            "no mode is left out",
        ),
        Remedy("Judge several items together", {"packing": 2}, "fakes that are alike are told by it"),
        Remedy(
            "Tell the discriminator how different a batch's items are", {"batch_deviation": True}, "fake_spread rises"
        ),
    ),
    examine=examine,
    sick=Example(
        Signals.of({"fake_spread": [0.3, 0.7, 0.8, 0.3, 0.0, 0.0, 0.0]}, 256), Facts(families=frozenset({"gan"}))
    ),
    well=Example(
        Signals.of({"fake_spread": [0.1, 0.4, 0.7, 0.8, 0.9, 0.85, 0.9]}, 256), Facts(families=frozenset({"gan"}))
    ),
    families=("gan",),
    needs=("fake_spread",),
    hides=("discriminator-dominates", "weights-blow-up"),
)
