"""Rectifiers that are silent for every item."""

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, Outcome, Remedy
from understudy.doctor.persistence import holding
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.signals import Signal, Signals

SILENT, NEARLY_ALL = 0.75, 0.95
UNITS = 16


def worst(signals: Signals, name: str) -> Signal:
    """The layer of 16 units or more with the largest newest share; empty where there is none."""
    large = [signal for signal in signals.every(name) if signals.one("units", signal.place).last >= UNITS]
    return max(large, key=lambda signal: signal.last, default=Signal(name))


def _code_given_up(signals: Signals, since: int) -> bool:
    """Whether a VAE's code told nothing before: then its encoder gets no gradient, and units fall silent one by one."""
    earlier = signals.one("active_units").up_to(since)
    return len(earlier) > 0 and max(earlier.values) == 0


def examine(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where three readings in a row find three quarters of a layer silent, or two nearly all."""
    found = worst(signals, "silent_units")
    since = holding(found, lambda share: share > SILENT)
    if since is None:
        since = holding(found, lambda share: share > NEARLY_ALL, 2)
    if since is None or (found.last < NEARLY_ALL and _code_given_up(signals, since)):
        return Clear()
    units = signals.one("units", found.place).last
    return rule.fire(
        f"{found.last:.0%} of the {units:.0f} units behind {found.place} were silent for every item of each reading "
        f"since step {since}; healthy layers have up to {SILENT:.0%}",
        step=since,
        place=found.place,
        series=found,
    )


RULE = Rule(
    id="dead-units",
    title="Most units of a layer are dead",
    severity="error",
    cause="Their input is below 0 for every item, so that they give 0, get no gradient, and stay so. A step that was "
    "too large, or a bias far below 0, puts them there.",
    reference="Maas, Hannun and Ng, 2013, Rectifier Nonlinearities Improve Neural Network Acoustic Models, section 2; "
    "Lu et al., 2019, Dying ReLU and Initialization, arXiv:1903.06733.",
    healthy=Band("silent_units", high=SILENT, measured="at most 51% in healthy runs of networks with rectifiers"),
    remedies=(
        Remedy(
            "Use an activation with a slope everywhere",
            {"activation": "leaky-relu"},
            "silent_units falls to 0",
            "nn.LeakyReLU(0.1) in place of nn.ReLU()",
        ),
        Remedy("Take smaller steps", {"learning_rate": "/10"}, "units do not die", "Adam(..., lr=lr / 10)"),
        Remedy("Normalise before the activation", {"layer_norm": True}, "silent_units falls", "nn.LayerNorm(units)"),
        Remedy("Begin with biases of 0", code="nn.init.zeros_(layer.bias)"),
    ),
    examine=examine,
    sick=Example(
        Signals.of({"silent_units @ encoder.1": [0.3, 0.8, 0.97, 1.0, 1.0]}, 32)
        | Signals.of({"units @ encoder.1": [128]})
    ),
    well=Example(
        Signals.of({"silent_units @ encoder.1": [0.3, 0.31, 0.28, 0.3, 0.33]}, 32)
        | Signals.of({"units @ encoder.1": [128]})
    ),
    needs=("silent_units",),
    hides=("vanishing", "no-skill", "one-batch", "rate-too-low", "ignored-code", "posterior-collapse"),
)
