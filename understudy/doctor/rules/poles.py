"""Why a number stopped being finite: an operation where it has no value, or data that were not finite."""

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, Outcome, Remedy
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.signals import Signal, Signals

EXACT = "exact: none in healthy runs"


def pole(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires at the first operation that was given finite numbers and made others."""
    found = [signal for signal in signals.every("pole") if signal.last > 0]
    if not found:
        return Clear()
    first = min(found, key=lambda signal: signal.steps[0])
    return rule.fire(
        f"at step {first.steps[0]} {first.last:.0f} values were {first.place}; everything before was finite",
        step=first.steps[0],
        place=first.place,
        value=first.last,
        title=f"Not finite: {first.place}",
    )


POLE = Rule(
    id="pole",
    title="An operation was asked where it has no value",
    severity="error",
    cause="The logarithm of a probability that became exactly 0, a division by 0, or an exponential beyond the largest "
    "float: in 32 bits a sigmoid is exactly 0 or 1 from logits of -104 and 17 on.",
    reference="Goodfellow, Bengio and Courville, 2016, Deep Learning, section 4.1 (overflow and underflow).",
    healthy=Band("pole", high=0.0, measured=EXACT),
    remedies=(
        Remedy(
            "Compute the loss from logits",
            expects="it stays finite",
            code="F.binary_cross_entropy_with_logits(logits, y)  # for -log(sigmoid(x)): F.softplus(-x)",
        ),
        Remedy("Keep the argument away from 0", expects="it stays finite", code="torch.log(p.clamp_min(1e-7))"),
    ),
    examine=pole,
    sick=Example(Signals([Signal("pole", "the logarithm of 0 or less", (31,), (3.0,))])),
    well=Example(Signals.of({"pole": [0]})),
    hides=("non-finite",),
)


def bad_data(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where the inputs were not finite when the loss was not."""
    found = signals.one("non_finite_inputs")
    if not len(found) or found.last == 0:
        return Clear()
    return rule.fire(
        f"{found.last:.0f} values of the batch at step {found.steps[-1]} are NaN or infinite",
        step=found.steps[-1],
        value=found.last,
    )


NON_FINITE_INPUT = Rule(
    id="non-finite-input",
    title="The data are not finite",
    severity="error",
    cause="The data have missing values, or scaling divided by the deviation of a constant column.",
    reference="Little and Rubin, 2019, Statistical Analysis with Missing Data, chapter 1.",
    healthy=Band("non_finite_inputs", high=0.0, measured=EXACT),
    remedies=(
        Remedy("Fill or leave out missing values", expects="every input is finite", code="x = torch.nan_to_num(x)"),
        Remedy("Scale without dividing by 0", expects="every input is finite", code="x / x.std(0).clamp_min(1e-6)"),
    ),
    examine=bad_data,
    sick=Example(Signals.of({"non_finite_inputs": [12]})),
    well=Example(Signals.of({"non_finite_inputs": [0]})),
    hides=("non-finite", "pole"),
)
