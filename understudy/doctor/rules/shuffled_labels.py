"""What is learnt of the training items is worth nothing on others."""

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, NotApplicable, NotEnough, Outcome, Remedy
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.signals import Signal, Signals
from understudy.doctor.skill import recent, skill, smoothed

LEARNT, NEVER = 0.03, 0.02
"""Of the training items and of held-out ones, means of three looks. What is learnt of items holds for others first."""
LOOKS = 4
TASKS = frozenset({"classifier", "writer"})


def smoothed_looks(series: Signal) -> list[float]:
    """Each look's mean with the two before it, once there are three."""
    return [recent(series.up_to(step)) for step in series.steps[2:]]


def examine(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where the training items are learnt and no look at held-out ones was ever better than a constant answer."""
    if facts.families and not facts.families & TASKS:
        return NotApplicable("it is about networks that are asked for labels or numbers")
    fitted, validation = skill(signals, "fitted"), skill(signals, "validation")
    if len(validation) < LOOKS or not len(fitted):
        return NotEnough(f"{len(validation)} looks at the validation split; it takes {LOOKS}")
    best = max(smoothed_looks(validation))
    learnt = max(recent(fitted), recent(smoothed(skill(signals, "training"))))
    if not learnt >= LEARNT or best > NEVER or recent(validation) > 0 or validation.last > best - NEVER:
        return Clear()
    return rule.fire(
        f"on training items the loss saves {learnt:.0%} of a constant answer's, on held-out ones {best:.1%} at "
        f"best and {validation.last:.0%} now",
        step=validation.steps[0],
        series=validation,
    )


RULE = Rule(
    id="shuffled-labels",
    title="What is learnt holds for no other item",
    severity="error",
    cause="The network learns the training items by heart, and there is nothing else to learn: labels do not belong to "
    "their items (shuffled, shifted by one, sorted apart), or the splits are of different things, or there are far too "
    "few items.",
    reference="Zhang et al., 2017, Understanding deep learning requires rethinking generalization, arXiv:1611.03530.",
    healthy=Band("skill", low=NEVER, measured="held-out, 24% and more in our healthy runs"),
    remedies=(
        Remedy("Look at some items beside their labels", code="for x, y in pairs[:20]: show(x, y)"),
        Remedy("Split at random, items and labels together", {"split_seed": 1}, "validation skill above 0",
               "order = torch.randperm(len(x)); x, y = x[order], y[order]"),
        Remedy("More items"),
    ),
    examine=examine,
    sick=Example(
        Signals.of({"validation/loss": [2.31, 2.33, 2.4, 2.6, 2.9], "fitted/loss": [2.3, 2.2, 1.9, 1.3, 0.8]}, 100)
        | Signals.of({"constant @ loss": [2.3]}, first=0),
        Facts(families=frozenset({"classifier"})),
    ),
    well=Example(
        Signals.of({"validation/loss": [2.2, 1.9, 1.5, 1.2, 1.1], "fitted/loss": [2.2, 1.8, 1.3, 0.9, 0.7]}, 100)
        | Signals.of({"constant @ loss": [2.3]}, first=0),
        Facts(families=frozenset({"classifier"})),
    ),
    needs=("validation/loss", "fitted/loss", "constant"),
    hides=("overfitting",),
    curve=lambda signals, facts: skill(signals, "validation"),
)  # fmt: skip
