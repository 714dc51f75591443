"""A loss, gradient or weight is NaN or infinite."""

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, Outcome, Remedy
from understudy.doctor.rule import Band, Example, Rule, patch
from understudy.doctor.signals import Signal, Signals


def examine(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires at the first value that was not finite; its place is the term."""
    broken = min(signals.every("non_finite"), key=lambda signal: signal.steps[0], default=None)
    if broken is None:
        return Clear()
    step, term = broken.steps[0], broken.place
    return rule.fire(
        f"{term} = {broken.first} at step {step}; every value before was finite",
        step=step,
        place=term,
        title=f"{term} became {broken.first}",
    )


RULE = Rule(
    id="non-finite",
    title="A loss or weight became NaN or infinite",
    severity="error",
    cause="A step too large for the loss's slope, or a logarithm or division at its pole.",
    reference="Goodfellow, Bengio and Courville, 2016, Deep Learning, section 4.1 (overflow and underflow).",
    healthy=Band("training/loss", measured="every value is finite; there is no other band"),
    remedies=(
        Remedy(
            "Take smaller steps",
            patch(learning_rate="/10"),
            "the loss stays finite",
            "for group in optimizer.param_groups: group['lr'] /= 10",
        ),
        Remedy(
            "Shorten long gradients",
            patch(clip_norm=1.0),
            "gradient_norm stays near 1",
            "torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)  # before optimizer.step()",
        ),
        Remedy("Compute in 32 bits", patch(precision="fp32"), "no overflow in 16 bits", "remove torch.autocast"),
    ),
    examine=examine,
    sick=Example(
        Signals.of({"training/loss": [2.3, 1.9, 8.1, 5e3, 4e12]}, 50)
        | Signals([Signal("non_finite", "loss", (251,), (float("inf"),))])
    ),
    well=Example(Signals.of({"training/loss": [2.3, 1.9, 1.6, 1.5, 1.4]}, 50)),
    hides=("overfitting",),
)
