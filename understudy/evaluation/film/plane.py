"""Points in the plane that move onto the real ones, over training: the picture by which GANs are taught.

Reference:
    Goodfellow et al., 2014, Generative Adversarial Nets, arXiv:1406.2661, figure 1, for the line.
    Metz et al., 2017, Unrolled Generative Adversarial Networks, arXiv:1611.02163, figure 2, for the plane.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from understudy.data.dataset import Items
from understudy.data.spec import VectorSpec
from understudy.evaluation.figures import Figure
from understudy.evaluation.film.canvas import (
    HEAD,
    PAPER,
    RULE,
    Picture,
    blend,
    dots,
    headed,
    labelled,
    stretched,
    write,
)
from understudy.evaluation.film.scene import Shot, stills
from understudy.evaluation.pictures import some
from understudy.models.capabilities import Judges, Samples, SamplesClasses
from understudy.models.network import Network

POINTS = 500
WIDTH, HEIGHTS = 480, (240, 600)
AIR = 0.25
"""How far the plane goes beyond the real points to each side, as a share of their range."""
FIELD = 32
"""Places across the plane at which the discriminator is asked."""
BANDS = 6
"""Shades to either side."""
REAL, MADE = (73, 82, 94), (217, 72, 1)
REAL_TINT, MADE_TINT = (168, 182, 200), (250, 196, 148)
TINTS = np.array(
    [
        np.round(PAPER + abs(place) / BANDS * (np.array(REAL_TINT if place > 0 else MADE_TINT) - PAPER))
        for place in range(-BANDS, BANDS + 1)
    ],
    np.uint8,
)
REAL_RADIUS, MADE_RADIUS = 1.7, 2.3
STILLS = 4


class Plane:
    """Real points, generated ones from the same noise, and what the discriminator makes of each place.

    Args:
        items: the real ones; validation's, as the test split waits for the end.
        seed: of the noise, and of which real points are shown.
    """

    def __init__(self, network: Network, spec: VectorSpec, items: Items, seed: int) -> None:
        self.spec, self.seed = spec, seed
        self.classes = torch.arange(len(spec.classes)) if isinstance(network, SamplesClasses) else None
        self.real = spec.to_user(some(items, POINTS, seed).x.cpu().numpy())
        low, high = self.real.min(0), self.real.max(0)
        middle, half = (low + high) / 2, np.maximum((high - low) * (0.5 + AIR), 1e-6)
        self.low, self.high = middle - half, middle + half
        self.size = (round(float(np.clip(WIDTH * half[1] / half[0], *HEIGHTS))), WIDTH)

    def shoot(self, network: Network) -> Shot:
        """Generated points, (count, 2), in the data's own units; the field, (down, across), from the top."""
        made = cast(Samples, network).sample(POINTS, torch.Generator().manual_seed(self.seed))
        shot = {"points": torch.from_numpy(self.spec.to_user(made.float().cpu().numpy()))}
        if isinstance(network, Judges):
            field = self._field(network, made.device)
            if field is not None:
                shot["field"] = field.float().nan_to_num(0, 0, 0).cpu()
        return shot

    def _field(self, network: Judges, device: torch.device) -> Tensor | None:
        """The discriminator's output at places of the plane, (down, across); None of one that judges packs.

        One that is told classes is asked for each, and the class that looks most real counts.
        """
        rows = round(FIELD * self.size[0] / self.size[1])
        x, y = (np.arange(count) + 0.5 for count in (FIELD, rows))
        share = np.stack(np.meshgrid(x / FIELD, 1 - y / rows), -1).reshape(-1, 2)
        places = (self.low + share * (self.high - self.low) - self.spec.mean) / self.spec.std
        asked = torch.from_numpy(places.astype(np.float32)).to(device)
        if self.classes is None:
            found = network.judge(asked)
        else:
            found = torch.stack([network.judge(asked, one.expand(len(asked)).to(device)) for one in self.classes]).amax(
                0
            )
        return found.view(rows, FIELD) if len(found) == len(asked) else None

    def figures(self, steps: Sequence[int], shots: Sequence[Shot]) -> list[Figure]:
        """The film, and a few of its frames side by side."""
        planes, judged = self._planes(shots), "field" in shots[0]
        frames = tuple(
            _with_legend(headed(plane, f"step {step:,}", step / max(steps[-1], 1)), judged)
            for step, plane in zip(steps, planes, strict=True)
        )
        caption = "Points that the network makes of the same noise, from before the first step to the last."
        if judged:
            caption += (
                " Behind them, the discriminator's output at each place, less the middle between real and generated "
                "points'."
            )
        film = Figure("film", "Samples over training", caption, frames=frames)
        shown = stills(len(steps), STILLS)
        strip = labelled(np.concatenate([planes[place] for place in shown], 1), [f"step {steps[at]:,}" for at in shown])
        image = _with_legend(strip, judged)
        return [film, Figure("film-strip", "From noise to samples", "Moments of the film.", image=image)]

    def _planes(self, shots: Sequence[Shot]) -> list[Picture]:
        if "field" not in shots[0]:
            return [self._plane(shot, None) for shot in shots]
        levels = [self._levels(shot) for shot in shots]
        scale = 2 * float(np.median([spread for _, spread in levels])) or 1.0  # one for all, so that shades compare
        return [
            self._plane(shot, (shot["field"].numpy() - middle) / scale)
            for shot, (middle, _) in zip(shots, levels, strict=True)
        ]

    def _levels(self, shot: Shot) -> tuple[float, float]:
        """Of the field where points lie: the middle between real and generated ones, and the spread of all."""
        field = shot["field"].numpy()
        found = []
        for points in (self.real, shot["points"].numpy()):
            cells = np.floor(self._places(points) * (FIELD / self.size[1])).astype(np.int64)
            inside = (cells >= 0).all(1) & (cells < field.shape[::-1]).all(1)
            found.append(field[cells[inside, 1], cells[inside, 0]])
        return float(np.mean([part.mean() for part in found if part.size])), float(np.concatenate(found).std())

    def _plane(self, shot: Shot, field: NDArray[np.floating] | None) -> Picture:
        if field is None:
            picture = np.full((*self.size, 3), PAPER, np.uint8)
        else:
            shade = np.tanh(stretched(field, self.size))
            picture = TINTS[np.round(shade * BANDS).astype(np.int8) + BANDS]
        blend(picture, self._real_cover, REAL)
        blend(picture, 0.9 * dots(self._places(shot["points"].numpy()), self.size, MADE_RADIUS), MADE)
        picture[[0, -1]] = picture[:, [0, -1]] = RULE
        return picture

    @cached_property
    def _real_cover(self) -> NDArray[np.float32]:
        return 0.8 * dots(self._places(self.real), self.size, REAL_RADIUS)

    def _places(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Where points lie in the picture, as (across, down); the second number grows upwards."""
        share = ((np.nan_to_num(points, nan=np.inf) - self.low) / (self.high - self.low)).clip(-9, 9)
        share[:, 1] = 1 - share[:, 1]
        return np.asarray(share * self.size[::-1], np.float32)


def _with_legend(picture: Picture, judged: bool) -> Picture:
    height, width, depth = picture.shape
    sheet = np.full((height + HEAD, width, depth), PAPER, np.uint8)
    sheet[:height] = picture
    band, middle = sheet[height:], HEAD / 2 + 2
    for words, colour, left in (("real", REAL, 6), ("generated", MADE, 60)):
        blend(band, dots(np.array([[left, middle]], np.float32), band.shape[:2], 4), colour)
        write(band, (left + 9, middle), words, "lm")
    if judged:
        _write_scale(band, middle)
    return sheet


def _write_scale(band: Picture, middle: float) -> None:
    """The shades from made to real, at the right."""
    right = band.shape[1] - 2
    right -= write(band, (right, middle), "looks real", "rm") + 8
    shades = TINTS.repeat(7, 0)[None]  # (1, pixels, 3)
    band[int(middle) - 6 : int(middle) + 6, right - shades.shape[1] : right] = shades
    write(band, (right - shades.shape[1] - 8, middle), "looks generated", "rm")
