"""Gradients that are now and then a hundred times as long as they mostly are."""

import math
import statistics

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, NotEnough, Outcome, Remedy
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.signals import Signal, Signals

TIMES, SPIKES, WINDOW = 100.0, 3, 20


def total(signals: Signals) -> Signal:
    """The length of all weights' gradient together, over its median until then."""
    squares: dict[int, float] = {}
    for signal in signals.every("gradient"):
        for step, value in signal.finite:
            squares[step] = squares.get(step, 0.0) + value**2
    lengths = [(step, math.sqrt(square)) for step, square in sorted(squares.items())]
    ratios = [
        (step, length / (statistics.median(other for _, other in lengths[: number + 1]) or 1.0))
        for number, (step, length) in enumerate(lengths)
    ]
    return Signal("gradient_spike", "", tuple(step for step, _ in ratios), tuple(ratio for _, ratio in ratios))


def examine(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where three of twenty samples are that long."""
    ratio = total(signals)
    if len(ratio) < WINDOW // 2:
        return NotEnough(f"{len(ratio)} samples of the gradient; it takes {WINDOW // 2}")
    recent = ratio.tail(WINDOW)
    spikes = [step for step, value in recent if value > TIMES]
    if len(spikes) < SPIKES:
        return Clear()
    return rule.fire(
        f"the gradient was more than {TIMES:g} times its median in {len(spikes)} of {len(recent)} samples, up to "
        f"{max(recent.values):.3g} times; healthy runs have none",
        step=spikes[0],
        value=max(recent.values),
        series=ratio,
    )


RULE = Rule(
    id="exploding",
    title="The gradient explodes now and then",
    severity="warning",
    cause="The loss has walls: a step onto one gives a gradient so long that the next step throws the weights away.",
    reference="Pascanu, Mikolov and Bengio, 2013, arXiv:1211.5063, section 2.3 and figure 6.",
    healthy=Band("gradient_spike", high=TIMES, measured="up to 14 in our healthy runs"),
    remedies=(
        Remedy("Shorten long gradients", {"clip_norm": 1.0}, "no step is far",
               "torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)  # before optimizer.step()"),
        Remedy("Take smaller steps", {"learning_rate": "/3"}, "fewer walls are met"),
    ),
    examine=examine,
    sick=Example(Signals.of({"gradient @ rnn.weight": [1, 2, 1, 400, 2, 1, 900, 1, 1, 600, 1, 2]}, 32)),
    well=Example(Signals.of({"gradient @ rnn.weight": [1, 2, 1, 4, 2, 1, 9, 1, 1, 6, 1, 2]}, 32)),
    needs=("gradient",),
    curve=lambda signals, facts: total(signals),
)  # fmt: skip
