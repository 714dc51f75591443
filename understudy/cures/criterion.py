"""What a network is judged by where remedies may change its loss: a score that means the same whatever they set."""

from understudy import models
from understudy.data.spec import ImageSpec, Spec
from understudy.errors import OptionError
from understudy.models.capabilities import CAPABILITIES
from understudy.models.network import Network
from understudy.report.metrics import METRICS
from understudy.runs.sweep import LOSS

BY: dict[str, str] = {
    "write": "nats_per_token",
    "translate": "nats_per_token",
    "caption": "nats_per_token",
    "weigh classes": "class_nll",
    "forecast": "mae",
    "transfer": "fid_lenet_a_to_b",
    "likelihood": "nll",
    "reconstruct": "mse",
}
"""A capability and the score that tells; the first capability that a network has."""


def score_of(network: str, spec: Spec) -> str:
    """The score that a network of this name is judged by on such data, on the validation split.

    Raises:
        OptionError: none tells of this network.
    """
    kind = models.entry(network).load()
    known = next((score for ability, score in BY.items() if issubclass(kind, CAPABILITIES[ability])), None)
    if known is not None:
        return known
    if issubclass(kind, CAPABILITIES["sample"]):
        return "fid_lenet" if isinstance(spec, ImageSpec) else "energy_distance"
    if kind.validate is not Network.validate:
        return LOSS
    scores = ", ".join(name for name, line in METRICS.items() if line.better)
    raise OptionError(f"no score tells how good {network} is; name one of its own with --by: {scores}")
