"""Two players out of balance, a critic that nothing holds, and fakes that are all alike."""

import math
from collections.abc import Callable

from understudy.doctor.facts import Facts
from understudy.doctor.finding import USUAL, Clear, NotApplicable, Outcome, Remedy
from understudy.doctor.persistence import holding
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.signals import Signal, Signals

KNOWS_NOTHING = {
    "non-saturating": 2 * math.log(2),
    "minimax": 2 * math.log(2),
    "least-squares": 0.25,
    "hinge": 2.0,
    "relativistic": math.log(2),
}
"""The discriminator's loss where it gives every item the same, by the losses' name; a critic's has no such value."""
SURE, LOST, EVEN = 0.06, 1.03, 0.005
APART, FOOLED = 0.99, 0.2
STEPS = 200
"""A state of the game that lasted shorter is none: players overtake each other all the time."""


def standing(signals: Signals, facts: Facts) -> Signal:
    """The discriminator's loss over that of knowing nothing; empty where the loss has no such value."""
    nothing = KNOWS_NOTHING.get(facts.option("loss", ""))
    loss = signals.one("training/loss", "discriminator").finite
    if nothing is None:
        return Signal("discriminator_standing")
    return Signal("discriminator_standing", "", loss.steps, tuple(value / nothing for value in loss.values))


def lasting(signal: Signal, test: Callable[[float], bool]) -> int | None:
    """Since when a test has held, if it has for three readings and 200 steps."""
    since = holding(signal, test)
    return since if since is not None and signal.steps[-1] - since >= STEPS else None


def dominates(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where it is sure of nearly every item, and right, on held-out items and fresh fakes too."""
    loss, apart = standing(signals, facts), signals.one("fakes_told_apart")
    if not len(loss):
        return NotApplicable("the discriminator's loss has no value for knowing nothing")
    since = lasting(loss, lambda share: share < SURE)
    if since is None or min(apart.tail(2).values) < APART:
        return Clear()
    return rule.fire(
        f"the discriminator's loss is {loss.last:.1%} of that of knowing nothing since step {since} (healthy: "
        f"{SURE:.0%} and more), and it puts {apart.last:.1%} of held-out items and fresh fakes in their order; the "
        f"generator's is {signals.one('training/loss', 'generator').last:.3g}",
        step=since,
        place="discriminator",
        series=loss,
    )


def lags(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where fakes look more real to it than real items do, nearly all of them, for long."""
    loss, apart = standing(signals, facts), signals.one("fakes_told_apart")
    if not len(loss):
        return NotApplicable("the discriminator's loss has no value for knowing nothing")
    since = lasting(loss, lambda share: share > LOST)
    if since is None or max(apart.tail(2).values) > FOOLED:
        return Clear()
    return rule.fire(
        f"the discriminator's loss is {loss.last:.2f} times that of knowing nothing since step {since}, and it puts "
        f"{apart.last:.0%} of held-out items and fresh fakes in their order, where guessing gives half",
        step=since,
        place="discriminator",
        series=loss,
    )


def stuck(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where its loss stays at that of knowing nothing, and its outputs for real items and fakes at one value."""
    loss = standing(signals, facts)
    if not len(loss):
        return NotApplicable("the discriminator's loss has no value for knowing nothing")
    since = lasting(loss, lambda share: abs(share - 1) < EVEN)
    real, fake = (signals.one(f"training/{name}", "discriminator") for name in ("real", "fake"))
    if since is None or abs(real.last - fake.last) > 10 * EVEN:
        return Clear()
    nothing = KNOWS_NOTHING[facts.option("loss")]
    return rule.fire(
        f"the discriminator's loss stays at {loss.last * nothing:.4f}, that of knowing nothing is {nothing:.4f}, since "
        f"step {since}; real items and fakes get {real.last:.3f} and {fake.last:.3f}",
        step=since,
        place="discriminator",
        series=loss,
    )


GAN = frozenset({"gan"})
LOSS = Facts(families=GAN, config={"model": {"loss": "non-saturating"}})
REFERENCE = (
    "Arjovsky and Bottou, 2017, Towards Principled Methods for Training Generative Adversarial Networks, "
    "arXiv:1701.04862, section 2."
)
GENERATOR = Remedy(
    "Let the discriminator learn more slowly",
    {"discriminator_rate": "/4"},
    "discriminator_standing rises above 0.1",
    "Adam(discriminator.parameters(), lr=lr / 4)",
)


def game(loss: list[float], apart: list[float], **outputs: list[float]) -> Example:
    """A run by its discriminator's loss, what it tells apart, and its mean outputs."""
    series = {f"training/{name} @ discriminator": values for name, values in {"loss": loss, **outputs}.items()}
    return Example(Signals.of(series, 50) | Signals.of({"fakes_told_apart": apart}, 128), LOSS)


BALANCE = Remedy(
    "Let the players move as often and as far as the network is known to learn with",
    dict.fromkeys(("learning_rate", "discriminator_rate", "discriminator_times", "generator_times"), USUAL),
    "discriminator_standing between 0.1 and 1",
    "one step of each in turn, Adam(..., lr=5e-4, betas=(0.5, 0.999)) for both",
)
EVEN_GAME = game([1.39, 1.3, 1.2, 1.25, 1.2, 1.1, 1.15, 1.2], [0.9, 0.85, 0.8], real=[0.5] * 8, fake=[-0.4] * 8)

DISCRIMINATOR_DOMINATES = Rule(
    id="discriminator-dominates",
    title="The discriminator has won",
    severity="error",
    cause="It tells every fake from real items with certainty, so that its gradient says little of how to do better: "
    "the generator learns too slowly beside it, is frozen or cut off, or was thrown away by a step.",
    reference=REFERENCE,
    healthy=Band("discriminator_standing", low=SURE, measured="13% and more in our healthy runs"),
    remedies=(
        GENERATOR,
        BALANCE,
        Remedy(
            "Hold its gradient",
            {"r1": 1.0, "discriminator_norm": "none"},
            "it can no longer be as sure",
            "penalty on |grad D(x)|^2",
        ),
        Remedy("Take smaller steps", {"learning_rate": "/10"}, "neither player is thrown away"),
        Remedy("Does the generator learn? Look at its gradient", code="print(next(generator.parameters()).grad)"),
    ),
    examine=dominates,
    sick=game([1.1, 0.5, 0.07, 0.05, 0.03, 0.02, 0.02, 0.01], [0.97, 1.0, 1.0]),
    well=EVEN_GAME,
    families=("gan",),
    needs=("training/loss", "fakes_told_apart"),
    curve=standing,
)
DISCRIMINATOR_LAGS = Rule(
    id="discriminator-lags",
    title="The discriminator is taken in by every fake",
    severity="warning",
    cause="It learns too slowly beside the generator, which runs after what it happens to like, not what is real.",
    reference=REFERENCE,
    healthy=Band("discriminator_standing", high=LOST, measured="up to 1.09 in our healthy runs, with real ones ahead"),
    remedies=(
        Remedy(
            "Let the discriminator learn faster",
            {"discriminator_rate": "*10"},
            "discriminator_standing below 1",
            "Adam(discriminator.parameters(), lr=10 * lr)",
        ),
        Remedy("Give it more moves", {"discriminator_times": 5}, "discriminator_standing below 1"),
        BALANCE,
    ),
    examine=lags,
    hides=("mode-collapse",),
    sick=game([1.5, 1.7, 1.9, 2.0, 2.0, 1.9, 1.9, 1.8], [0.02, 0.0, 0.0]),
    well=EVEN_GAME,
    families=("gan",),
    needs=("training/loss", "fakes_told_apart"),
    curve=standing,
)
DISCRIMINATOR_STUCK = Rule(
    id="discriminator-stuck",
    title="The discriminator learns nothing",
    severity="error",
    cause="It gives real items and fakes the same, and its loss stays where it began: its parameters are in no "
    "optimizer, are shared with the generator, or its output does not depend on what it is given.",
    reference="Goodfellow et al., 2014, arXiv:1406.2661, theorem 1: at its best the value is -log 4.",
    healthy=Band("discriminator_standing", measured="never within 0.5% of 1 for 200 steps in our healthy runs"),
    remedies=(
        Remedy(
            "Give each player an optimizer of its own parameters",
            expects="the loss leaves 1.3863",
            code="Adam(discriminator.parameters(), ...); Adam(generator.parameters(), ...)",
        ),
        Remedy("Take larger steps", {"learning_rate": "*10"}, "the loss leaves 1.3863"),
    ),
    examine=stuck,
    sick=game([1.3863] * 8, [0.5, 0.5, 0.5], real=[0.001] * 8, fake=[0.001] * 8),
    well=EVEN_GAME,
    families=("gan",),
    needs=("training/loss", "training/real", "training/fake"),
    curve=standing,
)
