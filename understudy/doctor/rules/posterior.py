"""A code that tells nothing of the item, or that nobody reads."""

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, NotEnough, Outcome, Remedy
from understudy.doctor.persistence import holding
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.signals import Signal, Signals

ACTIVE, GAIN = 0.1, 0.01
MEAN = 0.25
STEPS = 400
"""Codes begin to tell something within a few hundred steps, not at once."""


def lasting(signal: Signal, most: float) -> int | None:
    """Since when a share of a code has been at most this, if it has for three looks and half of the time."""
    since = holding(signal, lambda value: value <= most)
    return since if since is not None and 2 * since <= signal.steps[-1] else None


def collapse(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where a tenth of the code or less varies over items, and the right code saves nothing."""
    active, gain = signals.one("active_units"), signals.one("code_gain")
    if active.steps[-1] < STEPS:
        return NotEnough(f"step {active.steps[-1]} of {STEPS}")
    since = lasting(active, ACTIVE)
    if since is None or (len(gain) and gain.last > GAIN):
        return Clear()
    saved = f"; the right code saves {max(gain.last, 0):.1%} of the error over another item's" if len(gain) else ""
    return rule.fire(
        f"{active.last:.0%} of the code's numbers vary over items (posterior mean's variance above 0.01) since step "
        f"{since}, healthy networks have {ACTIVE:.0%} and more{saved}",
        step=since,
        series=active,
    )


def ignored(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where the code varies over items, and the decoder does not hear it."""
    gain = signals.one("code_gain")
    if gain.steps[-1] < STEPS:
        return NotEnough(f"step {gain.steps[-1]} of {STEPS}")
    since = lasting(gain, GAIN)
    if since is None:
        return Clear()
    return rule.fire(
        f"the right code saves {gain.last:.2%} of the squared error over another item's code since step {since}, "
        f"in healthy networks {GAIN:.0%} and more",
        step=since,
        series=gain,
    )


def mean_reconstruction(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires before the first step where the loss is of another order than that of independent values."""
    constant, first = signals.one("constant", "loss"), signals.one("first_loss")
    if not len(constant) or not len(first) or constant.last <= 0:
        return NotEnough("the loss of independent values is not known, or below 0")
    share = first.first / constant.last
    if not 0 < share < MEAN:
        return Clear()
    return rule.fire(
        f"the loss begins at {first.first:.3g}, {share:.2g} of the {constant.last:.3g} nats that independent values "
        f"cost an item (healthy: {MEAN:g} and more); summed over an item's values it would begin above 1",
        step=0,
        value=share,
    )


BOWMAN = "Bowman et al., 2016, Generating Sentences from a Continuous Space, arXiv:1511.06349, section 3.1"
COLLAPSE = Rule(
    id="posterior-collapse",
    title="The posterior has collapsed to the prior",
    severity="error",
    cause="The KL term costs more than what the code brings to the reconstruction, so that the encoder gives the prior "
    "for every item: its weight is too large, or the decoder does well without.",
    reference=f"{BOWMAN}; Burda et al., 2016, arXiv:1509.00519, section 5.1 (active units).",
    healthy=Band("active_units", low=ACTIVE, measured="25% and more in our healthy runs, 37% in the first trials"),
    remedies=(
        Remedy("Weigh the KL term less", {"beta": 1.0}, "active_units rises", "loss = reconstruction + beta * kl"),
        Remedy("Give each number of the code some KL for nothing", {"free_bits": 0.1}, "active_units rises",
               "kl = kl_of_each.mean(0).clamp_min(0.1).sum()"),
        Remedy("Let the weight of the KL term rise from 0", code="loss = reconstruction + min(1, step / 1000) * kl"),
    ),
    examine=collapse,
    sick=Example(
        Signals.of({"active_units": [0.5, 0.1, 0.0, 0.0, 0.0, 0.0], "code_gain": [0.01, 0.0, 0.0, 0.0, 0.0, 0.0]}, 100),
        Facts(families=frozenset({"vae"})),
    ),
    well=Example(
        Signals.of({"active_units": [0.0, 0.3, 0.6, 0.8, 0.9, 0.9], "code_gain": [0.0, 0.1, 0.3, 0.4, 0.5, 0.5]}, 100),
        Facts(families=frozenset({"vae"})),
    ),
    families=("vae",),
    needs=("active_units",),
    hides=("ignored-code", "no-skill"),
)  # fmt: skip
IGNORED = Rule(
    id="ignored-code",
    title="The decoder ignores the code",
    severity="error",
    cause="What the decoder makes hardly depends on the code: the way from the code is cut or drowned, or the decoder "
    "knows enough from elsewhere.",
    reference=f"{BOWMAN}; Alemi et al., 2018, Fixing a Broken ELBO, arXiv:1711.00464, section 3.",
    healthy=Band("code_gain", low=GAIN, measured="8% and more after 300 steps in healthy runs"),
    remedies=(
        Remedy("Look at the decoder's first layer: does the code arrive, and do its weights learn?",
               code="print(decoder[0].weight.grad)"),
        Remedy("Make the decoder weaker, or strike out what else it is given", {"dropout": 0.3}, "code_gain rises"),
        Remedy("Weigh the KL term less", {"beta": 0.5}, "code_gain rises"),
    ),
    examine=ignored,
    sick=Example(Signals.of({"code_gain": [0.01, 0.001, 0.0, 0.0, 0.0, 0.0]}, 100)),
    well=Example(Signals.of({"code_gain": [0.01, 0.2, 0.4, 0.5, 0.6, 0.6]}, 100)),
    needs=("code_gain",),
    hides=("no-skill",),
)  # fmt: skip
MEAN_RECONSTRUCTION = Rule(
    id="mean-reconstruction",
    title="The reconstruction is a mean over values beside a sum over the code",
    severity="error",
    cause="A bound on the likelihood sums over an item's values. Averaged over them, the reconstruction weighs as "
    "little beside the KL term as if beta were their number, and the posterior collapses.",
    reference="Kingma and Welling, 2014, arXiv:1312.6114, equation 10; Higgins et al., 2017, beta-VAE, section 4.2.",
    healthy=Band("first_loss", low=MEAN, measured="over that of independent values: 1.6 to 2.6 in our healthy runs"),
    remedies=(
        Remedy("Sum over an item's values, and take the mean over the batch", expects="the loss begins above 1 of it",
               code="F.binary_cross_entropy_with_logits(output, x, reduction='sum') / len(x)"),
    ),
    examine=mean_reconstruction,
    sick=Example(Signals.of({"first_loss": [1.6], "constant @ loss": [27.1], "active_units": [0.0]}, first=0),
                 Facts(families=frozenset({"vae"}))),
    well=Example(Signals.of({"first_loss": [46.0], "constant @ loss": [27.1], "active_units": [0.0]}, first=0),
                 Facts(families=frozenset({"vae"}))),
    families=("vae",),
    needs=("first_loss", "constant"),
    hides=("posterior-collapse", "ignored-code", "no-skill"),
)  # fmt: skip
