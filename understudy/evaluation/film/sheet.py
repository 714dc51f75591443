"""Pictures from the same noise, over training."""

from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F
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
STRIP_ROWS, STRIP_WIDTH = 8, 80
"""Pictures down a strip, and pixels that one is wide, about."""


class Sheet:
    """A grid of pictures; of a network that makes classes on demand, a column for each class.

    Args:
        network: whose pictures they will be.
        seed: of the noise.
    """

    def __init__(self, network: Network, spec: ImageSpec, seed: int) -> None:
        self.seed, self.classes = seed, spec.classes if isinstance(network, SamplesClasses) else ()
        rows = most_across(spec)
        self.columns = len(self.classes) if 2 <= len(self.classes) <= WIDEST else rows
        self.count = self.columns * rows

    def shoot(self, network: Network) -> Shot:
        """The sheet as 8 bits: (count, channels, height, width)."""
        generator = torch.Generator().manual_seed(self.seed)
        if isinstance(network, SamplesClasses):
            made = network.sample_of(torch.arange(self.count) % len(self.classes), generator)
        else:
            made = cast(Samples, network).sample(self.count, generator)
        return {"pictures": thumbnails(made)}

    def figures(self, steps: Sequence[int], shots: Sequence[Shot]) -> list[Figure]:
        """The film of the sheet, and its first row over time."""
        sheets = [shot["pictures"] for shot in shots]
        caption = "What the network makes of the same noise, from before the first step to the last."
        if self.columns == len(self.classes):
            caption += f" A column for each class: {', '.join(self.classes)}."
        rows = min(STRIP_ROWS, self.columns)
        return [
            moving("Samples over training", caption, steps, sheets, self.columns),
            strip(
                "From noise to samples",
                "Each row is one noise; the columns are moments of training, by their step.",
                steps,
                [sheet[:rows] for sheet in sheets],
            ),
        ]


def most_across(spec: ImageSpec) -> int:
    """How many pictures a sheet has across, or down."""
    return max(2, min(8, SHEET // min(THUMBNAIL, max(spec.height, spec.width))))


def thumbnails(pictures: Tensor) -> Tensor:
    """Pictures as they are kept, 8 bits and small; what is not finite is black.

    Shapes: (count, channels, height, width) in [0, 1] -> uint8, at most `THUMBNAIL` high and wide
    """
    shrink = THUMBNAIL / max(pictures.shape[2:])
    if shrink < 1:
        pictures = F.interpolate(pictures.float(), scale_factor=shrink, mode="area")
    return (pictures.float().nan_to_num(0).clamp(0, 1) * 255).round().byte().cpu()


def moving(title: str, caption: str, steps: Sequence[int], sheets: Sequence[Tensor], columns: int) -> Figure:
    """The film of sheets of pictures, each (count, channels, height, width), uint8."""
    frames = tuple(
        headed(enlarged(sheet, columns, WIDTH), f"step {step:,}", step / max(steps[-1], 1))
        for step, sheet in zip(steps, sheets, strict=True)
    )
    return Figure("film", title, caption, frames=frames)


def strip(
    title: str, caption: str, steps: Sequence[int], moments: Sequence[Tensor], given: Tensor | None = None
) -> Figure:
    """Pictures over time, a row for each.

    Args:
        moments: at each step the rows' pictures, (rows, channels, height, width), uint8.
        given: what the pictures were made from, to stand before them; as a moment.
    """
    first = [] if given is None else [given]
    shown = stills(len(steps), WIDEST - len(first))
    columns = [*first, *(moments[place] for place in shown)]
    labels = [*["before"] * len(first), *(f"{steps[place]:,}" for place in shown)]
    pictures = torch.stack(columns, 1).flatten(0, 1)  # (rows * columns, channels, height, width)
    return Figure(
        "film-strip",
        title,
        caption,
        image=labelled(enlarged(pictures, len(columns), len(columns) * STRIP_WIDTH), labels),
    )
