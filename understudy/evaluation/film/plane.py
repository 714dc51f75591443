"""Points in the plane that move onto the real ones, over training: the picture by which GANs are taught.

Reference:
    Goodfellow et al., 2014, Generative Adversarial Nets, arXiv:1406.2661, figure 1, for the line.
    Metz et al., 2017, Unrolled Generative Adversarial Networks, arXiv:1611.02163, figure 2, for the plane.
"""

from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from understudy.data.dataset import Items
from understudy.data.spec import VectorSpec
from understudy.evaluation.figures import Figure
from understudy.evaluation.film.canvas import Picture, headed, labelled
from understudy.evaluation.film.scene import Shot, stills
from understudy.evaluation.film.window import Window, with_legend
from understudy.evaluation.pictures import some
from understudy.models.capabilities import Judges, Samples, SamplesClasses
from understudy.models.network import Network

POINTS = 500
AIR = 0.25
"""How far the plane goes beyond the real points to each side, as a share of their range."""
WIDTH, STILL_WIDTH = 480, 260
"""Pixels of a frame, and of a still in the strip."""
STILLS = 4
FIELD = 32
"""Places across the plane at which the discriminator is asked."""


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
        self.window = Window(middle - half, middle + half)

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
        places = (self.window.grid(FIELD) - self.spec.mean) / self.spec.std  # (down, across, 2)
        asked = torch.from_numpy(places.astype(np.float32)).to(device).flatten(0, 1)
        if self.classes is None:
            found = network.judge(asked)
        else:
            told = self.classes.to(device)
            found = torch.stack([network.judge(asked, one.expand(len(asked))) for one in told]).amax(0)
        return found.view(places.shape[:2]) if len(found) == len(asked) else None

    def figures(self, steps: Sequence[int], shots: Sequence[Shot]) -> list[Figure]:
        """The film, and a few of its frames side by side."""
        judged, fields = "field" in shots[0], self._shades(shots)

        def drawn(place: int, width: int) -> Picture:
            return self.window.draw(self.real, shots[place]["points"].numpy(), fields[place], width)

        frames = tuple(
            with_legend(headed(drawn(place, WIDTH), f"step {step:,}", step / max(steps[-1], 1)), judged)
            for place, step in enumerate(steps)
        )
        caption = "Points that the network makes of the same noise, from before the first step to the last."
        if judged:
            caption += (
                " Behind them, the discriminator's output at each place, less the middle between real and generated "
                "points'."
            )
        shown = stills(len(steps), STILLS)
        strip = np.concatenate([drawn(place, STILL_WIDTH) for place in shown], 1)
        image = with_legend(labelled(strip, [f"step {steps[place]:,}" for place in shown]), judged)
        return [
            Figure("film", "Samples over training", caption, frames=frames),
            Figure("film-strip", "From noise to samples", "Moments of the film.", image=image),
        ]

    def _shades(self, shots: Sequence[Shot]) -> list[NDArray[np.floating] | None]:
        """Each shot's field, less the middle between real and generated points; in one scale, so that they compare."""
        if "field" not in shots[0]:
            return [None] * len(shots)
        levels = [self._levels(shot) for shot in shots]
        scale = 2 * float(np.median([spread for _, spread in levels])) or 1.0
        return [(shot["field"].numpy() - middle) / scale for shot, (middle, _) in zip(shots, levels, strict=True)]

    def _levels(self, shot: Shot) -> tuple[float, float]:
        """Of the field where points lie: the middle between real and generated ones, and the spread of all."""
        clouds = (self.real, shot["points"].numpy())
        found = [self.window.read(shot["field"].numpy(), points) for points in clouds]
        return float(np.mean([values.mean() for values in found if values.size])), float(np.concatenate(found).std())
