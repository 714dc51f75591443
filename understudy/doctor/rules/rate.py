"""A learning rate that is too high or too low, judged by what steps do to the weights and to the loss."""

import math
import statistics

from understudy.doctor.facts import Facts
from understudy.doctor.finding import USUAL, Clear, NotEnough, Outcome, Remedy
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.rules.adversarial import FOOLED, STEPS, standing
from understudy.doctor.rules.memory import explodes_through_time
from understudy.doctor.signals import Signal, Signals
from understudy.doctor.skill import best_skill, poor, recent, skill, smoothed

GROWTH = 10.0
THROWN = 30.0
"""Growth that is too much where nothing else can be asked."""
TINY = 0.05
"""In units of 1 / sqrt(inputs): weights that begin this small are not judged by their growth."""
WORSE = 0.4
"""Of very many samples; of fewer a standard deviation more, which is at most 0.5 / sqrt(samples)."""
FOLLOWED = 0.1
"""Skill by the training loss from which steps do what they are asked for, whatever the validation says."""
SAMPLES = 10
LEAST_UPDATE = 5e-5
LEARNT = 0.05
OVERSHOT = 1.12
"""Of a discriminator that is not taken in: its loss over that of saying nothing, a mean over 200 steps. Healthy ones
stay below 1.09."""


def growth(signals: Signals) -> Signal:
    """The length of the weights that grew most, over their length at the beginning."""
    grown = [
        Signal("weight_growth", signal.place, signal.steps, tuple(value / signal.first for value in signal.values))
        for signal in signals.every("weight_norm")
        if signal.first > 0 and signals.one("weight_scale", signal.place).first >= TINY
    ]
    return max(grown, key=lambda signal: signal.last, default=Signal("weight_growth"))


def worsened(signals: Signals) -> float:
    """The share of sampled steps that raised the loss of their own batch; NaN for too few of them."""
    effects = signals.one("step_effect").finite
    return sum(value > 0 for value in effects.values) / len(effects) if len(effects) >= SAMPLES else float("nan")


def too_high(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where weights grew tenfold or two steps in five did harm, and little is learnt."""
    grown, worse = growth(signals), worsened(signals)
    if not len(grown):
        return NotEnough("no weights to follow")
    samples = len(signals.one("step_effect").finite)
    by_growth, by_harm = grown.last > GROWTH, worse >= WORSE + 0.5 / math.sqrt(max(1, samples))
    thrown = "gan" in facts.families and grown.last > THROWN  # no loss tells what players have learnt
    astray = poor(signals) and not recent(skill(signals, "training")) > FOLLOWED
    if by_harm and not by_growth and explodes_through_time(signals):  # no step along such a gradient helps
        return Clear()
    if not (by_growth or by_harm) or not (astray or thrown):
        return overshot(rule, signals, facts)
    said = [
        f"{grown.place} has grown to {grown.last:.3g} times its first length (healthy: up to {GROWTH:g})"
    ] * by_growth
    said += [f"{worse:.0%} of the sampled steps made the loss of their own batch worse (healthy: up to 31%)"] * by_harm
    since = next((step for step, value in grown if value > GROWTH), None) if by_growth else None
    learnt = "" if thrown else ", and little is learnt"
    return rule.fire(f"{' and '.join(said)}{learnt}", step=since, place=grown.place, series=grown)


def overshot(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where a discriminator that is not taken in does worse than one that says nothing, for long."""
    loss, apart = smoothed(standing(signals, facts), STEPS), signals.one("fakes_told_apart")
    since = next((step for step, share in loss if step >= STEPS and share > OVERSHOT), None)
    if since is None or not loss.last > OVERSHOT or not apart.last > FOOLED:
        return Clear()
    return rule.fire(
        f"the discriminator's loss is {loss.last:.2f} times that of knowing nothing since step {since} (healthy: up to "
        f"1.09), though it puts {apart.last:.0%} of held-out items and fresh fakes in their order",
        step=since,
        place="discriminator",
        series=growth(signals),
    )


def largest_update(signals: Signals) -> Signal:
    """The updates, over the weights' length, of the weights that move most."""
    updates = [signal.after(1) for signal in signals.every("update_ratio") if len(signal.after(1))]
    return max(updates, key=lambda signal: statistics.median(signal.values), default=Signal("update_ratio"))


def too_low(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where no weights move by as much as 5e-5 of their length in a step, and little is learnt."""
    update = largest_update(signals)
    if len(update) < SAMPLES // 2:
        return NotEnough(f"{len(update)} samples of the steps' lengths; it takes {SAMPLES // 2}")
    typical = statistics.median(update.values)
    learnt = best_skill(signals)
    if typical >= LEAST_UPDATE or not (poor(signals) if learnt is None else learnt < LEARNT):
        return Clear()
    return rule.fire(
        f"a step moves {update.place}, which moves most, by {typical:.1e} of its length (healthy: {LEAST_UPDATE:g} and "
        "more), and little is learnt",
        step=update.steps[0],
        place=update.place,
        value=typical,
        series=update,
    )


USUAL_RATE = Remedy(
    "Take the optimizer and the rate that the network is known to learn with",
    {"optimizer": USUAL, "learning_rate": USUAL},
    "update_ratio near 1e-3",
    "Adam(model.parameters(), lr=1e-3)",
)
REFERENCE = "Goodfellow, Bengio and Courville, 2016, Deep Learning, section 11.4.1."
TOO_HIGH = Rule(
    id="rate-too-high",
    title="The learning rate is too high",
    severity="error",
    cause="Steps overshoot: what one gains the next loses, and weights are thrown far from where they began, into "
    "regions where units are saturated or dead.",
    reference=REFERENCE,
    healthy=Band("weight_growth", high=GROWTH, measured="up to 4.5 in our healthy runs, 10.3 in earlier ones"),
    remedies=(
        Remedy(
            "Take smaller steps",
            {"learning_rate": "/10"},
            "weight_growth below 10, the loss falls",
            "for group in optimizer.param_groups: group['lr'] /= 10",
        ),
        USUAL_RATE,
        Remedy("Rise to the rate slowly", {"warmup": 0.05}, "the first steps do no harm", "LinearLR(optimizer, 0.01)"),
        Remedy(
            "Shorten long gradients", {"clip_norm": 1.0}, "no step is far", "clip_grad_norm_(model.parameters(), 1.0)"
        ),
    ),
    examine=too_high,
    sick=Example(
        Signals.of({"weight_norm @ encoder.1.weight": [9.0, 150.0, 240.0, 270.0, 272.0]}, 32, first=0)
        | Signals.of({"weight_scale @ encoder.1.weight": [0.58], "constant @ loss": [27.1]}, first=0)
        | Signals.of({"fitted/loss": [9e3, 27.5, 27.3]}, 32)
    ),
    well=Example(
        Signals.of({"weight_norm @ encoder.1.weight": [9.0, 9.1, 9.4, 9.9, 10.4]}, 32, first=0)
        | Signals.of({"weight_scale @ encoder.1.weight": [0.58], "constant @ loss": [27.1]}, first=0)
        | Signals.of({"fitted/loss": [26.0, 21.5, 17.3]}, 32)
    ),
    needs=("weight_norm", "weight_scale"),
    hides=("dead-units", "saturated-units", "vanishing", "exploding", "no-skill", "one-batch", "memory-vanishes",
           "memory-explodes", "posterior-collapse", "ignored-code", "overfitting", "weights-blow-up", "dead-codes",
           "rate-too-low"),
    curve=lambda signals, facts: growth(signals),
)  # fmt: skip
TOO_LOW = Rule(
    id="rate-too-low",
    title="The learning rate is too low",
    severity="warning",
    cause="Steps are so short beside the weights that the budget ends before they have gone anywhere.",
    reference=REFERENCE,
    healthy=Band(
        "update_ratio", low=LEAST_UPDATE, measured="7e-4 and more in our healthy runs, 8e-5 in the first trials"
    ),
    remedies=(
        Remedy("Take larger steps", {"learning_rate": "*10"}, "update_ratio near 1e-3", "Adam(..., lr=10 * lr)"),
        USUAL_RATE,
        Remedy(
            "Use an optimizer that scales its steps", {"optimizer": "adam"}, "update_ratio near the rate", "Adam(...)"
        ),
    ),
    examine=too_low,
    sick=Example(
        Signals.of({"update_ratio @ output.weight": [1e-7, 3e-7, 4e-7, 4e-7, 3e-7, 2e-7]}, 32)
        | Signals.of({"training/loss": [4.7, 4.7, 4.7], "fitted/loss": [4.7, 4.7, 4.7]}, 64)
        | Signals.of({"constant @ loss": [3.3]}, first=0)
    ),
    well=Example(
        Signals.of({"update_ratio @ output.weight": [1e-3, 3e-3, 4e-3, 4e-3, 3e-3, 2e-3]}, 32)
        | Signals.of({"training/loss": [3.7, 2.7, 2.2], "fitted/loss": [3.6, 2.5, 2.1]}, 64)
        | Signals.of({"constant @ loss": [3.3]}, first=0)
    ),
    needs=("update_ratio",),
    hides=("no-skill", "one-batch", "posterior-collapse", "ignored-code"),
    curve=lambda signals, facts: largest_update(signals),
)
