"""The network does no better than an answer that is the same for every item."""

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, NotEnough, Outcome, Remedy
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.signals import Signal, Signals
from understudy.doctor.skill import recent, skill, smoothed

LEAST = 0.02
MOVES = 0.01
"""Change of skill from one half of the time to the other that counts as progress."""
RISES = 0.005
"""The same of held-out items, which are always the same ones, so that little of it is chance."""
STEPS = 300


def stuck_since(training: Signal) -> int | None:
    """The step since which skill was never above the least, and did not move; None where it is above now, or moves."""
    since = None
    for step, value in reversed(list(training)):
        if value > LEAST:
            break
        since = step
    if since is None:
        return None
    flat = [value for _, value in training.after(since)]
    half = len(flat) // 2
    if half < 2:
        return None
    return since if abs(sum(flat[half:]) / (len(flat) - half) - sum(flat[:half]) / half) < MOVES else None


def examine(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires after 300 steps without skill and without progress; networks often stand still there for a while."""
    training = smoothed(skill(signals, "training"))
    if not len(training) or training.steps[-1] < STEPS:
        return NotEnough(f"no network is judged by it before step {STEPS}")
    others = [skill(signals, part) for part in ("fitted", "validation")]
    since = stuck_since(training)
    if since is None or training.steps[-1] - since < STEPS or any(recent(found) > LEAST for found in others):
        return Clear()
    held_out = others[1].after(since)
    if len(held_out) > 1 and held_out.last - held_out.first > RISES:
        return Clear()
    return rule.fire(
        f"the loss saves {training.last:.1%} of that of an answer which is the same for every item, and has not moved "
        f"since step {since}; a network that learns saves {LEAST:.0%} and more",
        step=since,
        series=training,
    )


RULE = Rule(
    id="no-skill",
    title="The network does no better than a constant answer",
    severity="error",
    cause="Nothing of the input reaches the output, or nothing of the loss reaches the weights: the input is empty or "
    "does not belong to the target, units are dead, a part is cut off, or the rate is far off.",
    reference="Murphy, 1988, Skill scores based on the mean square error and their relationships to the correlation "
    "coefficient, Monthly Weather Review 116.",
    healthy=Band(
        "skill", low=LEAST, measured="healthy runs leave it within 250 steps, deep ones without normalisation last"
    ),
    remedies=(
        Remedy("Look at a batch: are inputs and targets what they should be?", code="print(x.min(), x.max(), y[:10])"),
        Remedy(
            "Normalise each layer",
            {"layer_norm": True},
            "skill rises within a few hundred steps",
            "nn.LayerNorm(units)",
        ),
        Remedy("Take larger steps", {"learning_rate": "*10"}, "skill rises"),
        Remedy("Take smaller steps", {"learning_rate": "/10"}, "skill rises"),
    ),
    examine=examine,
    sick=Example(
        Signals.of({"training/loss": [2.31, *[2.3] * 9]}, 50)
        | Signals.of({"constant @ loss": [2.3]}, first=0)
        | Signals.of({"fitted/loss": [2.3, 2.3]}, 250)
    ),
    well=Example(
        Signals.of({"training/loss": [2.31, 2.3, 2.3, 2.2, 1.9, 1.5, 1.2, 1.0, 0.9, 0.8]}, 50)
        | Signals.of({"constant @ loss": [2.3]}, first=0)
        | Signals.of({"fitted/loss": [1.8, 0.8]}, 250)
    ),
    needs=("training/loss", "constant"),
    curve=lambda signals, facts: smoothed(skill(signals, "training")),
)
