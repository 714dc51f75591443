"""Pictures from the same noise, over training."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from understudy.data.spec import ImageSpec
from understudy.evaluation.figures import Figure
from understudy.evaluation.film.canvas import enlarged, headed, labelled
from understudy.evaluation.film.scene import Shot, stills
from understudy.models.capabilities import Samples, SamplesClasses
from understudy.models.network import Network

THUMBNAIL = 64
"""Pixels: larger pictures are kept smaller, for 60 sheets of them stand in memory and in each checkpoint."""
SHEET = 280
"""Pixels of a sheet, across and down, at most about so many."""
WIDEST = 12
"""Pictures in a row, moments in a strip."""
WIDTH = 480
"""Pixels of the film, about."""


class Sheet:
    """A grid of pictures; of a network that makes classes on demand, a column for each class.

    Args:
        network: whose pictures they will be.
        seed: of the noise.
    """

    def __init__(self, network: Network, spec: ImageSpec, seed: int) -> None:
        self.seed, self.classes = seed, spec.classes if isinstance(network, SamplesClasses) else ()
        longest = max(spec.height, spec.width)
        self.shrink = min(1.0, THUMBNAIL / longest)
        rows = max(2, min(8, SHEET // round(longest * self.shrink)))
        self.columns = len(self.classes) if 2 <= len(self.classes) <= WIDEST else rows
        self.count = self.columns * rows

    def shoot(self, network: Network) -> Shot:
        """The sheet as 8 bits: (count, channels, height, width)."""
        generator = torch.Generator().manual_seed(self.seed)
        if isinstance(network, SamplesClasses):
            made = network.sample_of(torch.arange(self.count) % len(self.classes), generator)
        else:
            made = cast(Samples, network).sample(self.count, generator)
        if self.shrink < 1:
            made = F.interpolate(made.float(), scale_factor=self.shrink, mode="area")
        return {"pictures": (made.float().nan_to_num(0).clamp(0, 1) * 255).round().byte().cpu()}

    def figures(self, steps: Sequence[int], shots: Sequence[Shot]) -> list[Figure]:
        """The film of the sheet, and its first row over time."""
        frames = tuple(
            headed(enlarged(shot["pictures"], self.columns, WIDTH), f"step {step:,}", step / max(steps[-1], 1))
            for step, shot in zip(steps, shots, strict=True)
        )
        columns = f" A column for each class: {', '.join(self.classes)}." if self.columns == len(self.classes) else ""
        film = Figure(
            "film",
            "Samples over training",
            f"What the network makes of the same noise, from before the first step to the last.{columns}",
            frames=frames,
        )
        shown = stills(len(steps), WIDEST)
        strip = _strip([steps[place] for place in shown], [shots[place]["pictures"] for place in shown], self.columns)
        caption = "Each row is one noise; the columns are moments of training, by their step."
        return [film, Figure("film-strip", "From noise to samples", caption, image=strip)]


def _strip(steps: Sequence[int], shots: Sequence[Tensor], most: int) -> NDArray[np.uint8]:
    rows = min(8, most)
    pictures = torch.stack([shot[:rows] for shot in shots], 1).flatten(0, 1)  # (rows * moments, ...)
    return labelled(enlarged(pictures, len(steps), 2 * WIDTH), [f"{step:,}" for step in steps])
