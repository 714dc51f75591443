"""A critic of the Wasserstein loss whose slope nothing holds, or not enough."""

from understudy.doctor.facts import Facts
from understudy.doctor.finding import USUAL, Clear, NotApplicable, Outcome, Remedy
from understudy.doctor.persistence import holding
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.signals import Signals

STEEP = 4.0
HOLDS = ("clip_weights", "gradient_penalty", "r1", "r2", "spectral_norm")


def unbounded(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires before the first step: the options say it."""
    if facts.option("loss") != "wasserstein":
        return NotApplicable("the loss is not that of a critic")
    if any(facts.option(name) for name in HOLDS):
        return Clear()
    return rule.fire(f"loss=wasserstein, and none of {', '.join(HOLDS)} is set", step=0, place="discriminator", value=0)


def not_applied(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where the penalised slope is far from the 1 that is asked for, for three windows."""
    if not facts.option("gradient_penalty"):
        return NotApplicable("no slope of 1 is asked for")
    norm = signals.one("training/penalty_norm", "discriminator")
    since = holding(norm, lambda value: value > STEEP)
    if since is None:
        return Clear()
    return rule.fire(
        f"the critic's mean slope between real items and fakes is {norm.last:.3g} at step {norm.steps[-1]}; the "
        f"penalty asks for 1, and healthy critics stay below {STEEP:g}",
        step=since,
        place="discriminator",
        series=norm,
    )


WASSERSTEIN = {"loss": "wasserstein"}
REFERENCE = "Gulrajani et al., 2017, arXiv:1704.00028, equation 3; Arjovsky et al., 2017, arXiv:1701.07875, section 3."
UNBOUNDED_CRITIC = Rule(
    id="unbounded-critic",
    title="Nothing holds the critic's slope",
    severity="error",
    cause="The Wasserstein loss rewards a steeper critic without end; only among critics of bounded slope does its "
    "best value mean a distance.",
    reference=REFERENCE,
    healthy=Band("training/penalty_norm", high=STEEP, measured="by the options alone, which are exact"),
    remedies=(
        Remedy(
            "Penalise its gradient",
            {"gradient_penalty": 10.0, "discriminator_norm": "none"},
            "a slope near 1",
            "10 * (norms - 1).square().mean()",
        ),
        Remedy("Hold its weights", {"clip_weights": 0.01}, "a bounded slope", "weight.data.clamp_(-0.01, 0.01)"),
    ),
    examine=unbounded,
    sick=Example(
        Signals.of({"first_loss @ discriminator": [0.1]}, first=0),
        Facts(families=frozenset({"gan"}), config={"model": WASSERSTEIN}),
    ),
    well=Example(
        Signals.of({"first_loss @ discriminator": [9.0], "training/penalty_norm @ discriminator": [0.8]}, first=0),
        Facts(families=frozenset({"gan"}), config={"model": {**WASSERSTEIN, "gradient_penalty": 10.0}}),
    ),
    families=("gan",),
    needs=("first_loss",),
    hides=("weights-blow-up", "penalty-not-applied", "mode-collapse"),
)
PENALTY_NOT_APPLIED = Rule(
    id="penalty-not-applied",
    title="The gradient penalty does not hold the critic",
    severity="warning",
    cause="The penalty is computed and does not reach the weights: it is left out of the loss, detached from the graph "
    "(create_graph is missing), or far too light beside the rest.",
    reference=REFERENCE,
    healthy=Band("training/penalty_norm", high=STEEP, measured="0.5 to 1.7 in our healthy runs"),
    remedies=(
        Remedy("Add the penalty to the critic's loss", code="loss = fake.mean() - real.mean() + 10 * penalty"),
        Remedy("Keep the graph of the gradient", code="torch.autograd.grad(out.sum(), x, create_graph=True)"),
        Remedy("Let it weigh more", {"gradient_penalty": "*10"}, "penalty_norm near 1"),
        Remedy("Let it weigh what its paper has", {"gradient_penalty": USUAL}, "penalty_norm near 1"),
    ),
    examine=not_applied,
    sick=Example(
        Signals.of({"training/penalty_norm @ discriminator": [0.5, 3.3, 9.1, 17.9, 30.0]}, 50),
        Facts(families=frozenset({"gan"}), config={"model": {**WASSERSTEIN, "gradient_penalty": 10.0}}),
    ),
    well=Example(
        Signals.of({"training/penalty_norm @ discriminator": [0.6, 1.1, 1.1, 1.1, 1.0]}, 50),
        Facts(families=frozenset({"gan"}), config={"model": {**WASSERSTEIN, "gradient_penalty": 10.0}}),
    ),
    families=("gan",),
    needs=("training/penalty_norm",),
    hides=("weights-blow-up", "mode-collapse"),
)
