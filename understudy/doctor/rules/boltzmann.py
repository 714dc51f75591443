"""Contrastive divergence of a restricted Boltzmann machine: its sign, and its chain."""

from statistics import fmean

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, NotEnough, Outcome, Remedy
from understudy.doctor.persistence import TIMES, holding
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.rules.consequences import GOES_ASTRAY
from understudy.doctor.signals import Signals

FALLEN = 1.25
"""Times what it was at the beginning, both below 0."""
WORSE = 1.1
"""Times the best look before."""
NOT_READ = "pass data=(training items, held-out items), and give the machine free_energy(v)"
RBM = Facts(families=frozenset({"rbm"}))
HINTON = "Hinton, 2010, A Practical Guide to Training Restricted Boltzmann Machines"


def unlearns(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where training items have become far less likely than at the beginning, three times in a row."""
    found, gap = signals.one("pseudo_likelihood", "training"), signals.one("free_energy_gap")
    if not len(found):
        return NotEnough(NOT_READ)
    if len(found) <= TIMES:
        return NotEnough(f"{len(found)} looks of {TIMES + 1}")
    since = holding(found, lambda value: value < FALLEN * found.first)
    if since is None:
        return Clear()
    held = signals.one("pseudo_likelihood", "held-out")
    return rule.fire(
        f"the pseudo-likelihood of training items fell from {found.first:.1f} to {found.last:.4g} nats an item, of "
        f"held-out ones from {held.first:.1f} to {held.last:.4g}, where healthy machines rise; the free-energy gap "
        f"between them went from {gap.first:.2g} to {gap.last:.3g} nats",
        step=since,
        value=found.last / found.first,
        series=found,
    )


def through_chain(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where each loss that was looked at has a sigmoid that a gradient reaches."""
    found = signals.one("chain_in_graph")
    if len(found) < TIMES:
        return NotEnough(f"{len(found)} losses of {TIMES} were looked at")
    if min(found.tail(TIMES).values) < 1:
        return Clear()
    likely, alone = signals.one("pseudo_likelihood", "training"), signals.one("independent_bits", "training")
    told = (
        f"; the pseudo-likelihood is {likely.last:.1f} nats an item, that of independent bits {alone.last:.1f}"
        if len(likely) and len(alone)
        else ""
    )
    return rule.fire(
        f"in each of {len(found)} looks the loss's gradient went through the units' probabilities as well{told}",
        step=found.steps[0],
        value=1.0,
    )


def not_sampled(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where no unit was ever drawn, and training items have become less likely than they were."""
    found, drawn = signals.one("pseudo_likelihood", "training"), signals.one("units_drawn")
    if not len(found):
        return NotEnough(NOT_READ)
    if not len(drawn):
        return NotEnough("no unit's probability was heard")
    if len(found) <= TIMES:
        return NotEnough(f"{len(found)} looks of {TIMES + 1}")
    newest, best = fmean(found.tail(TIMES).values), max(found.values[:-TIMES])
    if max(drawn.values) > 0 or newest > WORSE * best:
        return Clear()
    held, alone = signals.one("pseudo_likelihood", "held-out"), signals.one("independent_bits", "training")
    gap = signals.one("free_energy_gap")
    return rule.fire(
        f"in {len(drawn)} rounds nothing was drawn at random, and the pseudo-likelihood of training items has fallen "
        f"from {best:.1f} to {newest:.1f} nats an item, a mean of three looks (held-out ones {held.last:.1f}, "
        f"independent bits {alone.last:.1f}); the free-energy gap went from {gap.first:.2g} to {gap.last:.2g} nats",
        step=found.steps[found.values.index(best)],
        value=newest / best,
        series=found,
    )


DIVERGENCE_SIGN = Rule(
    id="divergence-sign",
    title="The Boltzmann machine unlearns its data",
    severity="error",
    cause="Contrastive divergence has the wrong sign, so that the data's free energy rises and that of what the chain "
    "makes falls; or the negative phase is missing, so that nothing keeps the free energy of everything from falling.",
    reference="Hinton, 2002, Training Products of Experts by Minimizing Contrastive Divergence; "
    f"{HINTON}, sections 2 and 6.",
    healthy=Band("pseudo_likelihood", measured="rises in healthy machines; 1.03 times its beginning at worst in ours"),
    remedies=(
        Remedy(
            "Lower the data's free energy, and raise that of what the chain makes",
            expects="the pseudo-likelihood rises above that of independent bits",
            code="loss = rbm.free_energy(v).mean() - rbm.free_energy(v_model.detach()).mean()",
        ),
        Remedy(
            "By hand: positive less negative phase, and an optimizer steps down",
            expects="the pseudo-likelihood rises",
            code="rbm.W.grad = -(h_data.T @ v_data - h_model.T @ v_model) / len(v_data)",
        ),
    ),
    examine=unlearns,
    sick=Example(
        Signals.of({
            "pseudo_likelihood @ training": [-44, -60, -200, -900],
            "pseudo_likelihood @ held-out": [-44, -60, -195, -890],
            "free_energy_gap": [0.0, -0.3, -1.6, -7.0],
        }),
        RBM,
    ),
    well=Example(
        Signals.of({
            "pseudo_likelihood @ training": [-44, -30, -25, -22], "pseudo_likelihood @ held-out": [-44, -30, -25, -22],
            "free_energy_gap": [0.0, 0.2, 0.3, 0.3],
        }),
        RBM,
    ),
    families=("rbm",),
    hides=(*GOES_ASTRAY, "chain-differentiated", "chain-not-sampled"),
    of_loops=True,
)  # fmt: skip

CHAIN_DIFFERENTIATED = Rule(
    id="chain-differentiated",
    title="The gradient goes through the Gibbs chain",
    severity="error",
    cause="What the chain makes is probabilities that were not detached: the loss then raises the free energy of a "
    "reconstruction by moving the reconstruction too, which is not the gradient of the likelihood or of contrastive "
    "divergence.",
    reference=f"{HINTON}, section 3 (what to sample); Hinton, 2002, whose samples are given.",
    healthy=Band("chain_in_graph", high=0.0, measured="exact: the graph of the loss says it"),
    remedies=(
        Remedy(
            "Run the chain without gradient",
            expects="the pseudo-likelihood rises above that of independent bits",
            code="with torch.no_grad(): v_model = rbm.gibbs(v)",
        ),
        Remedy("Sample the units", expects="no gradient goes through a sample", code="h = torch.bernoulli(p_h)"),
    ),
    examine=through_chain,
    sick=Example(
        Signals.of({
            "chain_in_graph": [1, 1, 1], "pseudo_likelihood @ training": [-44, -31, -31],
            "independent_bits @ training": [-25],
        }),
        RBM,
    ),
    well=Example(Signals.of({"chain_in_graph": [0, 0, 0]}), RBM),
    families=("rbm",),
    hides=(*GOES_ASTRAY, "chain-not-sampled"),
    of_loops=True,
)  # fmt: skip

CHAIN_NOT_SAMPLED = Rule(
    id="chain-not-sampled",
    title="The Gibbs chain does not sample",
    severity="error",
    cause="Probabilities stand in for the units' states all along a chain that goes on from step to step: it has no "
    "chance, settles at a point, and the negative phase pushes up that point alone. A chain that begins at the data "
    "each time bears it for some thousand steps, and is not told.",
    reference=f"{HINTON}, section 3.1 (hidden states must be binary); Tieleman, 2008, Training Restricted Boltzmann "
    "Machines using Approximations to the Likelihood Gradient.",
    healthy=Band("pseudo_likelihood", measured="three looks, in the mean, at most 1.0 times the best before in ours"),
    remedies=(
        Remedy(
            "Sample the hidden units, at least",
            expects="the pseudo-likelihood rises above that of independent bits",
            code="h = torch.bernoulli(torch.sigmoid(F.linear(v, W, b)))",
        ),
    ),
    examine=not_sampled,
    sick=Example(
        Signals.of({
            "units_drawn": [0, 0, 0], "pseudo_likelihood @ training": [-44, -22, -25, -28, -29],
            "pseudo_likelihood @ held-out": [-44, -24, -30, -31, -33], "independent_bits @ training": [-25],
            "free_energy_gap": [0.0, 0.8, 1.7, 2.3, 3.0],
        }, 256),
        RBM,
    ),
    well=Example(
        Signals.of({"units_drawn": [1, 1, 1], "pseudo_likelihood @ training": [-44, -22, -19, -17, -15],
                    "pseudo_likelihood @ held-out": [-44, -24, -20, -18, -17]}, 256),
        RBM,
    ),
    families=("rbm",),
    hides=GOES_ASTRAY,
    of_loops=True,
)  # fmt: skip
