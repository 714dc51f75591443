"""The gradient of a recurrent layer vanishes, or explodes, on its way back through time."""

import math

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, Outcome, Remedy
from understudy.doctor.persistence import held, holding
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.signals import Signal, Signals

VANISHES, EXPLODES = 1.3, -0.3
STILL = 0.6
"""Nats below which a gradient that did vanish does so no longer."""
FAR = math.log(100)
"""Nats over all the steps that were followed, below which nothing is far gone, however steep."""


def fastest(signals: Signals) -> Signal:
    """The layer whose gradient loses most with a step back."""
    return max(signals.every("memory_decay"), key=lambda signal: signal.last)


def slowest(signals: Signals) -> Signal:
    """The layer whose gradient loses least, or grows."""
    return min(signals.every("memory_decay"), key=lambda signal: signal.last)


def explodes_through_time(signals: Signals) -> bool:
    """Whether a layer's gradient grows by a third with each step back, in every look of the newest three."""
    return signals.has("memory_decay") and holding(slowest(signals), lambda nats: nats < EXPLODES) is not None


def vanishes(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where three looks in a row found a hundredth left after three or four steps, and little is gained."""
    decay = fastest(signals)
    since = held(decay, lambda nats: nats > VANISHES)
    if since is None or decay.last < STILL or abs(signals.one("memory_lost", decay.place).last) < FAR:
        return Clear()
    return rule.fire(
        f"of the gradient of {decay.place} {math.exp(-decay.last):.0%} is left with each step back, a hundredth after "
        f"{math.log(100) / decay.last:.1f} steps; in healthy layers {math.exp(-VANISHES):.0%} or more",
        step=since,
        place=decay.place,
        series=decay,
    )


def explodes(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where three looks in a row find that it grows by a third with each step back."""
    decay = slowest(signals)
    since = holding(decay, lambda nats: nats < EXPLODES)
    if since is None or abs(signals.one("memory_lost", decay.place).last) < FAR:
        return Clear()
    return rule.fire(
        f"the gradient of {decay.place} grows {math.exp(-decay.last):.2f} times with each step back, a hundredfold in "
        f"{-math.log(100) / decay.last:.1f} steps",
        step=since,
        place=decay.place,
        series=decay,
    )


PASCANU = (
    "Pascanu, Mikolov and Bengio, 2013, On the difficulty of training recurrent neural networks, arXiv:1211.5063, "
    "section 2. The bound (largest slope times largest singular value) beside the measured gradient: "
    "`understudy gradient-flow RUN`."
)
RECURRENT = Facts(families=frozenset({"recurrent"}))


def seen(decay: list[float]) -> Example:
    """A layer's decay, followed over 40 steps."""
    place, lost = "recurrent.layers.0", [40 * nats for nats in decay]
    return Example(Signals.of({f"memory_decay @ {place}": decay, f"memory_lost @ {place}": lost}, 64), RECURRENT)


GATES = Remedy("Use a cell with gates", {"cell": "lstm"}, "memory_decay near 0.2", "nn.LSTM(...)")
MEMORY_VANISHES = Rule(
    id="memory-vanishes",
    title="The gradient vanishes through time",
    severity="warning",
    cause="With each step back the gradient is multiplied by the recurrent weights and the slope of the activation, "
    "and their product is far below 1: the layer cannot learn from what it read more than a few steps ago.",
    reference=PASCANU,
    healthy=Band("memory_decay", EXPLODES, VANISHES, "-0.25 to 0.4 in our healthy runs, a tanh cell on text up to 1.1"),
    remedies=(
        GATES,
        Remedy("Begin with orthogonal recurrent weights", {"initialisation": "orthogonal"}, "memory_decay falls",
               "nn.init.orthogonal_(layer.weight_hh_l0)"),
        Remedy("Use tanh in place of sigmoid", {"cell": "rnn"}, "memory_decay falls", "nn.RNN(...)"),
    ),
    examine=vanishes,
    sick=seen([1.6, 2.1, 2.4, 2.6]),
    well=seen([0.5, 0.3, 0.2, 0.2]),
    needs=("memory_decay", "memory_lost"),
)  # fmt: skip
MEMORY_EXPLODES = Rule(
    id="memory-explodes",
    title="The gradient explodes through time",
    severity="warning",
    cause="With each step back the gradient is multiplied by the recurrent weights, and they are too large: a step "
    "along it is thrown by what was read long ago.",
    reference=PASCANU,
    healthy=Band("memory_decay", EXPLODES, VANISHES, "-0.25 to 0.4 in our healthy runs, a tanh cell on text up to 1.1"),
    remedies=(
        Remedy("Shorten long gradients", {"clip_norm": 1.0}, "the loss stays calm",
               "torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)  # before optimizer.step()"),
        Remedy("Begin with orthogonal recurrent weights", {"initialisation": "orthogonal"}, "memory_decay near 0",
               "nn.init.orthogonal_(layer.weight_hh_l0)"),
        GATES,
    ),
    examine=explodes,
    sick=seen([-0.4, -0.5, -0.6, -0.6]),
    well=seen([0.5, 0.3, 0.2, 0.2]),
    needs=("memory_decay", "memory_lost"),
    hides=("exploding",),
)  # fmt: skip
