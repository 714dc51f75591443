"""Words of a codebook that no item uses."""

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, Outcome, Remedy
from understudy.doctor.persistence import holding
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.signals import Signals

LEAST = 0.25


def examine(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where three looks in a row find less than a quarter of the words in use that could be."""
    used = signals.one("codes_in_use")
    since = holding(used, lambda share: share < LEAST)
    if since is None:
        return Clear()
    return rule.fire(
        f"{used.last:.0%} of the words that held-out items could name are in use since step {since}, in healthy "
        f"networks {LEAST:.0%} and more",
        step=since,
        series=used,
    )


RULE = Rule(
    id="dead-codes",
    title="Most of the codebook is dead",
    severity="warning",
    cause="A word that is nearest to no vector gets no gradient and no members, and stays where it is: it began far "
    "from the encoder's vectors, or these have moved away.",
    reference="van den Oord et al., 2017, arXiv:1711.00937, section 3.2; Dhariwal et al., 2020, Jukebox, "
    "arXiv:2005.00341, section 3 (restarts).",
    healthy=Band("codes_in_use", low=LEAST, measured="44% and more in our healthy runs"),
    remedies=(
        Remedy("Put dead words on vectors of the batch", {"restart_below": 0.03}, "codes_in_use rises",
               "codes[dead] = vectors[torch.randint(len(vectors), (int(dead.sum()),))]"),
        Remedy("Put them there sooner", {"restart_below": 0.3}, "codes_in_use rises within a few steps"),
        Remedy("Use fewer words", {"codebook_size": "/4"}, "codes_in_use rises"),
        Remedy("Begin with words at the first batch's vectors", code="codes.copy_(vectors[:len(codes)])"),
    ),
    examine=examine,
    sick=Example(Signals.of({"codes_in_use": [0.3, 0.1, 0.02, 0.02, 0.02]}, 64), Facts(families=frozenset({"vq-vae"}))),
    well=Example(Signals.of({"codes_in_use": [0.9, 0.7, 0.75, 0.8, 0.8]}, 64), Facts(families=frozenset({"vq-vae"}))),
    families=("vq-vae",),
    needs=("codes_in_use",),
    hides=("ignored-code", "no-skill"),
)  # fmt: skip
