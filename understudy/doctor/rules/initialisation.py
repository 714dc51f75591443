"""Weights that begin far too small or far too large."""

import statistics

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, Outcome, Remedy
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.signals import Signals

SMALL, LARGE = 0.05, 6.0


def typical(signals: Signals) -> float:
    """The median over layers of how large weights begin, in units of 1 / sqrt(inputs)."""
    return statistics.median(signal.first for signal in signals.every("weight_scale"))


def _says(scale: float) -> str:
    return (
        f"the weights begin at {scale:.3g} / sqrt(inputs), the median over layers; healthy networks from {SMALL:g} to "
        f"{LARGE:g}, PyTorch's own layers at 0.58"
    )


def too_small(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires before the first step."""
    scale = typical(signals)
    return rule.fire(_says(scale), step=0, value=scale) if 0 < scale < SMALL else Clear()


def too_large(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires before the first step."""
    scale = typical(signals)
    return rule.fire(_says(scale), step=0, value=scale) if scale > LARGE else Clear()


MEASURED = "0.16 to 1.7 over all networks of the table and their random settings"
REMEDY = Remedy(
    "Leave the layers' own initialisation, or scale weights by sqrt(2 / inputs)",
    expects="weight_scale near 0.6 to 1.4",
    code="nn.init.kaiming_normal_(layer.weight); nn.init.zeros_(layer.bias)",
)
REFERENCE = (
    "Glorot and Bengio, 2010, Understanding the difficulty of training deep feedforward neural networks; He et al., "
    "2015, arXiv:1502.01852, equation 10."
)
FOLLOWS = ("vanishing", "dead-units", "saturated-units", "no-skill", "rate-too-low", "rate-too-high", "initial-loss")

TOO_SMALL = Rule(
    id="weights-too-small",
    title="The weights begin far too small",
    severity="warning",
    cause="Each layer shrinks what it is given, and each shrinks the gradient on its way back: deep layers hear "
    "nothing of the input, early ones nothing of the loss.",
    reference=REFERENCE,
    healthy=Band("weight_scale", SMALL, LARGE, MEASURED),
    remedies=(
        REMEDY,
        Remedy("Normalise each layer", {"layer_norm": True}, "the scale no longer matters", "nn.LayerNorm"),
    ),
    examine=too_small,
    sick=Example(Signals.of({"weight_scale @ 0": [0.006], "weight_scale @ 2": [0.006]}, first=0)),
    well=Example(Signals.of({"weight_scale @ 0": [0.58], "weight_scale @ 2": [0.57]}, first=0)),
    needs=("weight_scale",),
    hides=(*FOLLOWS, "weights-blow-up"),
)
TOO_LARGE = Rule(
    id="weights-too-large",
    title="The weights begin far too large",
    severity="warning",
    cause="Each layer swells what it is given: units begin saturated or the loss astronomical, and steps that fit the "
    "rest of training are too small to undo it.",
    reference=REFERENCE,
    healthy=Band("weight_scale", SMALL, LARGE, MEASURED),
    remedies=(
        REMEDY,
        Remedy("Normalise each layer", {"layer_norm": True}, "the scale no longer matters", "nn.LayerNorm"),
    ),
    examine=too_large,
    sick=Example(Signals.of({"weight_scale @ 0": [17.0], "weight_scale @ 2": [17.5]}, first=0)),
    well=Example(Signals.of({"weight_scale @ 0": [0.58], "weight_scale @ 2": [0.57]}, first=0)),
    needs=("weight_scale",),
    hides=(*FOLLOWS, "exploding", "memory-vanishes", "weights-blow-up", "overfitting"),
)
