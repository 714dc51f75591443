"""An optimizer steps along another gradient than its own step's."""

from collections.abc import Callable

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, NotEnough, Outcome, Remedy
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.rules.consequences import GOES_ASTRAY, LEARNS_LITTLE
from understudy.doctor.signals import Signal, Signals

LEAST = 2
"""Steps of an optimizer that must have been looked at."""
MOST = 5
"""Steps that are looked back at."""
EXACT = "exact: counted at each step that is looked at; 0 in healthy runs"
ALGORITHM = "Goodfellow et al., 2014, Generative Adversarial Nets, arXiv:1406.2661, algorithm 1."


def whose(place: str) -> str:
    """The optimizer in words."""
    return f"the optimizer of {place}" if place else "the optimizer"


def lately(name: str, evidence: Callable[[Signal], str]) -> Callable[[Rule, Signals, Facts], Outcome]:
    """A rule that fires where a signal was 1 at each of an optimizer's newest steps."""

    def examine(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
        """Fires where it was so at each of the newest steps that were looked at."""
        enough = [signal for signal in signals.every(name) if len(signal) >= LEAST]
        for signal in enough:
            newest = signal.tail(MOST)
            if min(newest.values) >= 1:
                return rule.fire(evidence(newest), step=newest.steps[0], place=signal.place, value=1.0)
        return Clear() if enough else NotEnough(f"fewer than {LEAST} steps of each optimizer were looked at")

    return examine


NO_ZERO_GRAD = Rule(
    id="no-zero-grad",
    title="The gradient is never cleared",
    severity="error",
    cause="backward adds to what is in .grad; without zero_grad each step goes along the sum of all gradients so far.",
    reference="PyTorch documentation, torch.optim: Optimizer.zero_grad.",
    healthy=Band("gradient_left", high=0.0, measured=EXACT),
    remedies=(
        Remedy(
            "Clear the gradient before backward",
            expects="it is 0 at the start of each step",
            code="optimizer.zero_grad()",
        ),
    ),
    examine=lately(
        "gradient_left",
        lambda signal: (
            f"at each of {len(signal)} steps {whose(signal.place)} began with the gradient of the step before"
        ),
    ),
    sick=Example(Signals.of({"gradient_left": [1, 1, 1]})),
    well=Example(Signals.of({"gradient_left": [0, 0, 0]})),
    needs=("gradient_left",),
    of_loops=True,
    hides=GOES_ASTRAY,
)

LOST_GRADIENT = Rule(
    id="lost-gradient",
    title="The gradient is cleared before it is used",
    severity="error",
    cause="zero_grad stands between backward and step, so that the step has nothing to go along.",
    reference="PyTorch documentation, torch.optim: Optimizer.zero_grad.",
    healthy=Band("gradient_lost", high=0.0, measured=EXACT),
    remedies=(
        Remedy(
            "zero_grad, then backward, then step",
            expects="the gradient is there when the step is made",
            code="optimizer.zero_grad(); loss.backward(); optimizer.step()",
        ),
    ),
    examine=lately(
        "gradient_lost",
        lambda signal: (
            f"in each of {len(signal)} steps backward brought {whose(signal.place)} a gradient that was gone "
            "when it stepped"
        ),
    ),
    sick=Example(Signals.of({"gradient_lost": [1, 1, 1]})),
    well=Example(Signals.of({"gradient_lost": [0, 0, 0]})),
    needs=("gradient_lost",),
    hides=("idle-optimizer", *LEARNS_LITTLE),
    of_loops=True,
)

FOREIGN_GRADIENT = Rule(
    id="foreign-gradient",
    title="A player steps along another player's loss",
    severity="error",
    cause="The other player's backward pass went into this one's weights as well, and the gradient that it left there "
    "was not cleared: the generated items were not detached, or zero_grad comes too early.",
    reference=ALGORITHM,
    healthy=Band("gradient_foreign", high=0.0, measured=EXACT),
    remedies=(
        Remedy(
            "Detach what the discriminator judges in its own step",
            expects="its loss reaches its own weights alone",
            code="d_fake = discriminator(fake.detach())",
        ),
        Remedy(
            "Clear each player's gradient right before its own backward pass",
            expects="the gradient is of its own loss",
            code="opt_g.zero_grad(); g_loss.backward(); opt_g.step()",
        ),
    ),
    examine=lately(
        "gradient_foreign",
        lambda signal: (
            f"at each of {len(signal)} steps {whose(signal.place)} had, beside its own loss's gradient, that of "
            "a loss that another optimizer had stepped along before"
        ),
    ),
    sick=Example(Signals.of({"gradient_foreign @ generator": [1, 1, 1]})),
    well=Example(Signals.of({"gradient_foreign @ generator": [0, 0, 0]})),
    needs=("gradient_foreign",),
    of_loops=True,
    hides=GOES_ASTRAY,
)

IDLE_OPTIMIZER = Rule(
    id="idle-optimizer",
    title="An optimizer has nothing to move",
    severity="error",
    cause="No loss reaches the parameters that it was given: they do not require a gradient, are of another network, "
    "or the loss does not depend on them.",
    reference="PyTorch documentation, Autograd mechanics: setting requires_grad.",
    healthy=Band("gradient_none", high=0.0, measured=EXACT),
    remedies=(
        Remedy(
            "Let its parameters require a gradient when it is its turn",
            expects="a gradient arrives",
            code="for p in discriminator.parameters(): p.requires_grad_(True)",
        ),
        Remedy(
            "Give it the parameters that the loss depends on",
            expects="a gradient arrives",
            code="optimizer = Adam(model.parameters(), lr=1e-3)",
        ),
    ),
    examine=lately(
        "gradient_none",
        lambda signal: (
            f"at each of {len(signal)} steps no backward pass had reached any parameter of {whose(signal.place)}"
        ),
    ),
    sick=Example(Signals.of({"gradient_none @ discriminator": [1, 1, 1]})),
    well=Example(Signals.of({"gradient_none @ discriminator": [0, 0, 0]})),
    needs=("gradient_none",),
    of_loops=True,
    hides=LEARNS_LITTLE,
)


def stale_graph(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where a loss goes back into an earlier round, or through a loss that was differentiated already."""
    age, again, nodes = (signals.one(name) for name in ("graph_age", "graph_again", "graph_nodes"))
    old = [step for step, value in age if value >= 1]
    twice = [step for step, value in again if value >= 1]
    if len(old) < LEAST and not (old and signals.one("raised").last == 1) and len(twice) < LEAST:
        return Clear()
    grown = f"; its graph grew from {nodes.first:.0f} operations to {max(nodes.values):.0f}"
    if old:
        said = f"at step {old[-1]} the loss still went back {age.up_to(old[-1]).last:.0f} steps"
    else:
        said = f"in {len(twice)} steps a loss went through another one that backward had been called on already"
    return rule.fire(said + grown, step=(old or twice)[0], value=max(age.values))


STALE_GRAPH = Rule(
    id="stale-graph",
    title="The loss goes back through earlier steps",
    severity="error",
    cause="A state or a sum of losses is carried from step to step with its history, and retain_graph=True keeps that "
    "alive: gradients count twice, and time and memory grow with every step.",
    reference="Williams and Peng, 1990, An Efficient Gradient-Based Algorithm for On-Line Training of Recurrent "
    "Network Trajectories (truncation); PyTorch documentation, Tensor.backward.",
    healthy=Band("graph_age", high=0.0, measured=EXACT),
    remedies=(
        Remedy(
            "Cut the state off from its history at each step",
            expects="the graph is as large at every step",
            code="state = state.detach()",
        ),
        Remedy(
            "Sum the losses first, and call backward once, without retain_graph",
            expects="each loss counts once",
            code="sum(losses).backward()",
        ),
    ),
    examine=stale_graph,
    sick=Example(Signals.of({"graph_age": [0, 1, 2], "graph_again": [0, 1, 2], "graph_nodes": [40, 80, 120]})),
    well=Example(Signals.of({"graph_age": [0, 0, 0], "graph_again": [0, 0, 0], "graph_nodes": [40, 40, 40]})),
    needs=("graph_age",),
    of_loops=True,
    hides=GOES_ASTRAY,
)
