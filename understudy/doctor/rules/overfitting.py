"""The loss on held-out items rises while the one on training items falls."""

import math

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, NotEnough, Outcome, Remedy
from understudy.doctor.persistence import holding
from understudy.doctor.rule import Band, Example, Rule, patch
from understudy.doctor.signals import Signal, Signals

RISE = 0.2
"""Share of the best held-out loss."""


def rise(loss: Signal) -> Signal:
    """How far each held-out loss is above the best one until then, as a share of it."""
    best, rises = math.inf, []
    for value in loss.values:
        best = min(best, value)
        rises.append((value - best) / abs(best) if best else 0.0)
    return Signal("overfit_rise", loss.place, loss.steps, tuple(rises))


def examine(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where three looks in a row were more than a fifth above the best; a warning if accuracy fell with it."""
    loss = signals.one("validation/loss").finite
    if len(loss) < 4:
        return NotEnough(f"{len(loss)} looks at the validation split; it takes 4")
    rises = rise(loss)
    since = holding(rises, lambda value: value > RISE)
    if since is None:
        return Clear()
    accuracy = signals.one("validation/accuracy").finite
    worse = len(accuracy) > 0 and accuracy.last < max(accuracy.values) - 0.02
    best = min(loss.values)
    return rule.fire(
        f"the validation loss is {loss.last:.4g} at step {loss.steps[-1]}, {rises.last:.0%} above its best, "
        f"{best:.4g} at step {loss.steps[loss.values.index(best)]}"
        + (f"; accuracy fell from {max(accuracy.values):.1%} to {accuracy.last:.1%}" if worse else ""),
        step=since,
        series=rises,
        severity="warning" if worse else None,
    )


RULE = Rule(
    id="overfitting",
    title="The validation loss rises",
    severity="advice",
    cause="The network learns the training items by heart: what it gains on them it loses on others.",
    reference="Prechelt, 1998, Early Stopping - But When?, in Neural Networks: Tricks of the Trade.",
    healthy=Band("validation/loss", high=RISE, measured="share above the best, 864 healthy runs"),
    remedies=(
        Remedy(
            "Stop at the best validation loss",
            patch(early_stopping=5),
            "the kept weights are those of the best loss",
            "keep a copy of model.state_dict() whenever the validation loss is the lowest so far",
        ),
        Remedy("Strike out values", patch(dropout=0.2), "the rise comes later and is smaller", "nn.Dropout(0.2)"),
        Remedy(
            "Pull the weights to 0", patch(weight_decay=1e-4), "the rise is smaller", "AdamW(..., weight_decay=0.01)"
        ),
        Remedy("More data, or augmented data", {}, "the rise comes later"),
    ),
    examine=examine,
    sick=Example(Signals.of({"validation/loss": [1.0, 0.7, 0.6, 0.65, 0.75, 0.8, 0.9]}, 100)),
    well=Example(Signals.of({"validation/loss": [1.0, 0.7, 0.6, 0.58, 0.57, 0.58, 0.57]}, 100)),
    needs=("validation/loss",),
    curve=lambda signals, facts: rise(signals.one("validation/loss")),
)
