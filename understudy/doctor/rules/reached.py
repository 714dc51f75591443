"""Weights that no loss reaches, or that nobody moves."""

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, Outcome, Remedy
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.rules.consequences import LEARNS_LITTLE
from understudy.doctor.rules.whose_gradient import ALGORITHM
from understudy.doctor.signals import Signal, Signals

EXACT = "exact: the graph of the loss says it; 0 in healthy runs"


FROZEN = Remedy("If it is meant, say so", expects="no gradient is computed", code="part.requires_grad_(False)")


def detached(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where a part has been cut off in every step so far."""
    found = [signal for signal in signals.every("cut_off") if signal.last > 0]
    if not found:
        return Clear()
    signal = max(found, key=lambda one: one.last)
    return rule.fire(
        f"in none of the steps did a loss reach the weights of {signal.place or 'the network'}, though it is used and "
        f"an optimizer has them: {signal.last:.0%} of that optimizer's weights",
        step=signal.steps[0],
        place=signal.place,
        value=signal.last,
    )


DETACHED = Rule(
    id="detached",
    title="A part is cut off from the loss",
    severity="error",
    cause="Its output is detached (or computed without gradient, or made a new tensor) before it reaches the loss, so "
    "that it is never trained.",
    reference="PyTorch documentation, Tensor.detach; for the generator: " + ALGORITHM,
    healthy=Band("cut_off", high=0.0, measured=EXACT),
    remedies=(
        Remedy(
            "Pass the output on as it is",
            expects="a gradient reaches the part",
            code="g_loss = criterion(discriminator(fake), ones)  # not fake.detach()",
        ),
        Remedy(
            "If it is meant, say so",
            expects="the part is no longer counted",
            code="encoder.requires_grad_(False)",
        ),
    ),
    examine=detached,
    sick=Example(Signals.of({"cut_off @ encoder": [0.5, 0.5]}, first=3)),
    well=Example(Signals.of({"cut_off": [0.0, 0.0]}, first=3)),
    needs=("cut_off",),
    hides=("idle-optimizer", "lost-gradient", *LEARNS_LITTLE),
)


def _left_over(signals: Signals, fresh: bool) -> Signal | None:
    """The largest part that gets a gradient and has no optimizer: as it was initialised, or trained before."""
    found = [signal for signal in signals.every("unmoved") if signal.last > 0]
    kinds = ("unmoved_fresh", "unmoved_hidden")
    mine = [one for one in found if fresh == any(signals.one(kind, one.place).last == 1 for kind in kinds)]
    return max(mine, key=lambda one: one.last, default=None)


def missing_parameters(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where a gradient reaches parameters of no optimizer that are as they were initialised."""
    signal = _left_over(signals, fresh=True)
    if signal is None:
        return Clear()
    hidden = signals.one("unmoved_hidden", signal.place).last == 1
    where = "kept in a plain list or dict, where torch does not see them" if hidden else "they are as initialised"
    return rule.fire(
        f"{signal.last:.0f} numbers of {signal.place or 'the network'} get a gradient at every step, and no optimizer "
        f"has them: {where}",
        step=signal.steps[0],
        place=signal.place,
        value=signal.last,
        remedies=rule.remedies[1:] if hidden else (rule.remedies[0], rule.remedies[2]),
    )


MISSING_PARAMETERS = Rule(
    id="missing-parameters",
    title="Parameters are in no optimizer",
    severity="error",
    cause="The optimizer was given some of the parameters only, or layers are kept where the module does not know "
    "them.",
    reference="PyTorch documentation, torch.nn.ModuleList, torch.optim.",
    healthy=Band("unmoved", high=0.0, measured=EXACT),
    remedies=(
        Remedy(
            "Give the optimizer all parameters",
            expects="none is left over",
            code="optimizer = Adam(model.parameters(), lr=1e-3)",
        ),
        Remedy(
            "Register the layers",
            expects="none is left over",
            code="self.layers = nn.ModuleList(layers)  # not a plain list",
        ),
        FROZEN,
    ),
    examine=missing_parameters,
    sick=Example(Signals.of({"unmoved @ encoder": [5000, 5000], "unmoved_fresh @ encoder": [1, 1]})),
    well=Example(Signals.of({"unmoved": [0, 0]})),
    needs=("unmoved",),
    hides=LEARNS_LITTLE,
)


def idle_parameters(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where a gradient reaches parameters of no optimizer that look trained."""
    signal = _left_over(signals, fresh=False)
    if signal is None:
        return Clear()
    return rule.fire(
        f"{signal.last:.0f} numbers of {signal.place or 'the network'} get a gradient at every step, and no optimizer "
        "has them; they look trained",
        step=signal.steps[0],
        place=signal.place,
        value=signal.last,
    )


IDLE_PARAMETERS = Rule(
    id="idle-parameters",
    title="Trained parameters get a gradient that nobody uses",
    severity="advice",
    cause="A trained part is kept as it is by leaving it out of the optimizer; its gradient is computed at every step "
    "all the same.",
    reference="PyTorch documentation, Autograd mechanics: setting requires_grad.",
    healthy=Band("unmoved", high=0.0, measured=EXACT),
    remedies=(FROZEN,),
    examine=idle_parameters,
    sick=Example(Signals.of({"unmoved @ encoder": [5000, 5000], "unmoved_fresh @ encoder": [0, 0]})),
    well=Example(Signals.of({"unmoved": [0, 0]})),
    needs=("unmoved",),
)


def shared_parameters(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where two optimizers have the same parameter."""
    found = [signal for signal in signals.every("optimizers") if signal.last > 1]
    if not found:
        return Clear()
    return rule.fire(
        f"{len(found)} parameters are moved by {found[0].last:.0f} optimizers, {found[0].place} the first of them",
        step=found[0].steps[0],
        place=found[0].place,
        value=found[0].last,
    )


SHARED_PARAMETERS = Rule(
    id="shared-parameters",
    title="Two optimizers move the same parameters",
    severity="error",
    cause="An optimizer was given another player's parameters, so that they are moved by both and its own by none.",
    reference=ALGORITHM,
    healthy=Band("optimizers", high=1.0, measured="exact: counted; 1 in healthy runs"),
    remedies=(
        Remedy(
            "Give each optimizer its own player's parameters",
            expects="each parameter has one optimizer",
            code="opt_d = Adam(discriminator.parameters(), lr=2e-4)",
        ),
    ),
    examine=shared_parameters,
    sick=Example(Signals.of({"optimizers": [1], "optimizers @ generator.0.weight": [2]})),
    well=Example(Signals.of({"optimizers": [1]})),
    needs=("optimizers",),
    hides=(
        "missing-parameters",
        "idle-optimizer",
        "detached",
        "discriminator-lags",
        "discriminator-stuck",
        *LEARNS_LITTLE,
    ),
)
