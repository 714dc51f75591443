"""Where real items are and where made ones are: does each lie among the others?"""

import torch
from torch import Tensor

PRECISION_K, DENSITY_K = 3, 5
"""Neighbours that reach round a point: what the two papers use."""
LEAST = DENSITY_K + 1
BLOCK = 500


class Support:
    """A set of points, each with balls that reach to its nearest neighbours.

    Args:
        rows: (count, values), at least `LEAST` of them.
    """

    def __init__(self, rows: Tensor) -> None:
        self.rows = rows.double()
        radii = [
            torch.cdist(part, self.rows).topk(LEAST, largest=False).values  # its own distance, 0, among them
            for part in self.rows.split(BLOCK)
        ]
        self.radii = torch.cat(radii)  # (count, LEAST)


def overlap(real: Support, made: Support) -> dict[str, float]:
    """Precision, recall, density and coverage.

    `precision` is the share of made items within the ball of a real one, of 3 neighbours; `recall` the share of real
    items within the ball of a made one. `density` counts in how many balls of real items, of 5 neighbours, a made one
    lies, over 5: 1 is expected of the real distribution; `coverage` is the share of real items that have a made one in
    their ball, of which 1 - 2^-5 = 0.97 is expected where both are equally many.

    Reference:
        Kynkaanniemi et al., 2019, Improved Precision and Recall Metric, arXiv:1904.06991, equations 1 and 2, k = 3.
        Naeem et al., 2020, Reliable Fidelity and Diversity Metrics, arXiv:2002.09797, equations 3 and 4, k = 5.
    """
    within, balls = 0, 0
    reached = torch.zeros(len(real.rows), dtype=torch.bool, device=real.rows.device)
    covered = reached.clone()
    for rows, radii in zip(made.rows.split(BLOCK), made.radii.split(BLOCK), strict=True):
        distances = torch.cdist(rows, real.rows)  # (made, real)
        inside = distances <= real.radii[:, DENSITY_K]
        within += int((distances <= real.radii[:, PRECISION_K]).any(1).sum())
        balls += int(inside.sum())
        covered |= inside.any(0)
        reached |= (distances <= radii[:, PRECISION_K, None]).any(0)
    return {
        "precision": within / len(made.rows),
        "recall": reached.double().mean().item(),
        "density": balls / (DENSITY_K * len(made.rows)),
        "coverage": covered.double().mean().item(),
    }
