"""The gradient that reaches the first layer is a tiny part of what the last one gets."""

import math
from itertools import pairwise

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, NotEnough, Outcome, Remedy
from understudy.doctor.persistence import holding
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.signals import Signal, Signals
from understudy.doctor.skill import poor

LEAST = 1e-4
LAYERS = 3
ONE_STEP = 0.4
"""Share of what is lost, in nats, that may be between two neighbours: seven sigmoids share it out in even parts. Where
one step has more, something is cut off there, such as a code that the decoder does not hear."""


def in_order(signals: Signals) -> list[str]:
    """Weights with a gradient, in the order of their first use."""
    depth = {signal.place: signal.last for signal in signals.every("depth")}
    layers = {signal.place: signal.place.rpartition(".")[0] for signal in signals.every("gradient")}
    return sorted((place for place in layers if layers[place] in depth), key=lambda place: depth[layers[place]])


def shared_out(signals: Signals) -> bool:
    """Whether the newest gradients shrink layer by layer, not at one place."""
    norms = [signals.one("gradient", place).last for place in in_order(signals)]
    if min(norms) <= 0:
        return True
    logs = [math.log(norm) for norm in norms]
    return max(later - earlier for earlier, later in pairwise(logs)) <= ONE_STEP * (logs[-1] - logs[0])


def ends(signals: Signals) -> Signal:
    """Gradient norm of the weights that are used first over that of the last, at each sample."""
    used = in_order(signals)
    if len(used) < LAYERS:
        return Signal("gradient_ratio")
    first, last = signals.one("gradient", used[0]), signals.one("gradient", used[-1])
    later = dict(last)
    pairs = [(step, value / later[step]) for step, value in first if later.get(step, 0.0) > 0]
    return Signal("gradient_ratio", used[0], tuple(step for step, _ in pairs), tuple(ratio for _, ratio in pairs))


def examine(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where it holds for three samples in a row and little is learnt: alone, a ratio is no fault.

    A gradient of exactly 0 has not vanished layer by layer: something is cut off, or dead.
    """
    ratio = ends(signals)
    if not len(ratio):
        return NotEnough("fewer than three layers in a row have a gradient")
    since = holding(ratio, lambda value: 0 < value < LEAST)
    if since is None or not poor(signals) or not shared_out(signals):
        return Clear()
    return rule.fire(
        f"the gradient of {ratio.place} is {ratio.last:.1e} of the last layer's since step {since}, healthy networks "
        f"have {LEAST:g} or more; and little is learnt",
        step=since,
        place=ratio.place,
        series=ratio,
    )


RULE = Rule(
    id="vanishing",
    title="The gradient vanishes on its way to the first layers",
    severity="error",
    cause="Each layer multiplies the gradient by its weights and the slope of its activation; a sigmoid's is at most a "
    "quarter, so that seven of them leave 6e-5 at best.",
    reference="Hochreiter, 1991, Untersuchungen zu dynamischen neuronalen Netzen; Glorot and Bengio, 2010, section 4.",
    healthy=Band("gradient_ratio", low=LEAST, measured="0.02 and more in our healthy runs; 1.5e-4 in the first trials"),
    remedies=(
        Remedy(
            "Normalise each layer, and use an activation with slope 1",
            {"layer_norm": True, "activation": "relu"},
            "gradient_ratio near 1",
            "nn.LayerNorm(units), nn.ReLU()",
        ),
        Remedy("Normalise each layer", {"layer_norm": True}, "gradient_ratio near 1", "nn.LayerNorm(units)"),
        Remedy("Use an activation with slope 1", {"activation": "relu"}, "gradient_ratio near 1", "nn.ReLU()"),
        Remedy("Use fewer layers", expects="gradient_ratio rises"),
    ),
    examine=examine,
    sick=Example(
        Signals.of(
            {
                "gradient @ encoder.1.weight": [2e-9, 3e-9, 2e-9, 2e-9],
                "gradient @ encoder.3.weight": [2e-6, 2e-6, 2e-6, 2e-6],
                "gradient @ encoder.5.weight": [2e-3, 2e-3, 2e-3, 2e-3],
                "gradient @ decoder.0.weight": [1.0, 0.8, 0.7, 0.7],
                "training/loss": [27.3, 27.1, 27.1, 27.1],
                "fitted/loss": [27.3, 27.1, 27.1, 27.1],
            },
            32,
        )
        | Signals.of(
            {"depth @ encoder.1": [0], "depth @ encoder.3": [1], "depth @ encoder.5": [2], "depth @ decoder.0": [3]}
        )
        | Signals.of({"constant @ loss": [27.1]}, first=0)
    ),
    well=Example(
        Signals.of(
            {
                "gradient @ encoder.1.weight": [0.2, 0.3, 0.2, 0.2],
                "gradient @ encoder.3.weight": [0.5, 0.5, 0.4, 0.4],
                "gradient @ decoder.0.weight": [1.0, 0.8, 0.7, 0.7],
                "fitted/loss": [27.3, 22.1, 19.1, 18.1],
            },
            32,
        )
        | Signals.of({"depth @ encoder.1": [0], "depth @ encoder.3": [1], "depth @ decoder.0": [2]})
        | Signals.of({"constant @ loss": [27.1]}, first=0)
    ),
    needs=("gradient", "depth"),
    hides=("no-skill", "one-batch", "ignored-code", "posterior-collapse", "saturated-units"),
    curve=lambda signals, facts: ends(signals),
)
