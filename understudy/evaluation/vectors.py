"""How good are generated rows: among the real ones, as varied, and at the modes where these are known?"""

import torch
from torch import Tensor

from understudy.data.dataset import Dataset, Modes
from understudy.data.spec import VectorSpec
from understudy.evaluation.distances import energy, refuse_not_finite
from understudy.evaluation.generation import chosen, drawn
from understudy.evaluation.modes import divergence
from understudy.evaluation.supports import LEAST, Support, overlap
from understudy.models.capabilities import Samples

MOST = 2_500
"""Rows that are drawn; the custom for mixtures in the plane since Metz et al., 2017, Unrolled GANs."""
WITHIN = 3.0
"""Deviations of the noise within which a point is of high quality."""


def score_rows(network: Samples, data: Dataset, *, seed: int) -> dict[str, float]:
    """Precision, recall, density, coverage and energy distance of standardised rows; beside them, of training rows.

    Empty for other data than rows of values, and where a split has fewer than `LEAST` of them.

    Raises:
        DataError: a generated row is not finite.
    """
    count = min(MOST, len(data.train), len(data.test))
    if not isinstance(data.spec, VectorSpec) or count < LEAST:
        return {}
    many = MOST if data.modes else count
    made = torch.cat([part.cpu() for part in drawn(network, many, data.spec, seed)])
    refuse_not_finite(made, "generated items")
    real, train = (
        torch.cat([x.cpu() for x, _ in chosen(items, count, data.spec, seed)]) for items in (data.test, data.train)
    )
    support, found = Support(real), {"generated": float(many)}
    for prefix, rows in {"": made[:count], "real_": train}.items():
        scores = {**overlap(support, Support(rows)), "energy_distance": energy(real, rows)}
        found |= {prefix + name: value for name, value in scores.items()}
    return found | (score_modes(made, real, data.spec, data.modes) if data.modes else {})


def score_modes(made: Tensor, real: Tensor, spec: VectorSpec, modes: Modes) -> dict[str, float]:
    """How many of the known modes the made rows reach, how many of the rows lie near one, and how evenly they do.

    A row is of high quality if it lies within three deviations of its nearest mode; a mode is reached if it is the
    nearest one of a row of high quality. `mode_kl` is the divergence of the made rows' nearest modes from the real
    ones', in nats.

    Shapes: (count, features), (count of real rows, features), standardised.

    Reference:
        Srivastava et al., 2017, VEEGAN, arXiv:1705.07761, section 4.1.
        Lin et al., 2018, PacGAN, arXiv:1712.04086, section 4.
    """
    near, nearest = nearest_modes(made, spec, modes)
    real_near, real_nearest = nearest_modes(real, spec, modes)
    every = modes.distances(real[:1].double()).shape[1]
    return {
        "modes": len(nearest[near].unique()),
        "real_modes": len(real_nearest[real_near].unique()),
        "high_quality": near.double().mean().item(),
        "real_high_quality": real_near.double().mean().item(),
        "mode_kl": divergence(torch.bincount(nearest, minlength=every), torch.bincount(real_nearest, minlength=every)),
    }


def nearest_modes(rows: Tensor, spec: VectorSpec, modes: Modes) -> tuple[Tensor, Tensor]:
    """Whether each row is near its nearest mode, and which that is: (count,) each."""
    found = modes.distances(torch.from_numpy(spec.to_user(rows.numpy())).double()).min(1)
    return found.values <= WITHIN * modes.deviation, found.indices
