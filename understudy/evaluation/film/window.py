"""A part of the plane as a picture: clouds of points over a field of shades."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from understudy.evaluation.film.canvas import HEAD, PAPER, RULE, Picture, blend, dots, stretched, write

TALLEST, FLATTEST = 1.25, 0.5
"""Height of a picture over its width, at most and at least."""
REAL, MADE = (73, 82, 94), (217, 72, 1)
REAL_RADIUS, MADE_RADIUS = 0.0035, 0.0048
"""Of a picture's width."""
REAL_TINT, MADE_TINT = (168, 182, 200), (250, 196, 148)
BANDS = 6
"""Shades to either side."""
TINTS = np.array(
    [
        np.round(PAPER + abs(place) / BANDS * (np.array(REAL_TINT if place > 0 else MADE_TINT) - PAPER))
        for place in range(-BANDS, BANDS + 1)
    ],
    np.uint8,
)
Points = NDArray[np.floating]


@dataclass(frozen=True)
class Window:
    """The part from `low` to `high`, two numbers each; the first number grows rightwards, the second upwards."""

    low: Points
    high: Points

    @property
    def ratio(self) -> float:
        """Height over width of its pictures: a unit is as long across as up, unless the part is very long or flat."""
        across, up = self.high - self.low
        return float(np.clip(up / across, FLATTEST, TALLEST))

    def size(self, width: int) -> tuple[int, int]:
        """Height and width of a picture so wide."""
        return round(width * self.ratio), width

    def grid(self, across: int) -> Points:
        """Places at the middle of so many cells across, and as many down as make them square: (down, across, 2)."""
        down, _ = self.size(across)
        x, y = (np.arange(across) + 0.5) / across, 1 - (np.arange(down) + 0.5) / down
        return self.low + np.stack(np.meshgrid(x, y), -1) * (self.high - self.low)

    def places(self, points: Points, size: tuple[int, int]) -> Points:
        """Where points lie in a picture of (height, width), as (across, down): (count, 2) -> (count, 2)."""
        share = ((np.nan_to_num(points, nan=np.inf) - self.low) / (self.high - self.low)).clip(-9, 9)
        share[:, 1] = 1 - share[:, 1]
        return np.asarray(share * size[::-1], np.float32)

    def read(self, field: Points, points: Points) -> Points:
        """What a field says where points lie, of those within: (down, across), (count, 2) -> (at most count,)."""
        cells = np.floor(self.places(points, (field.shape[0], field.shape[1]))).astype(np.int64)
        inside = (cells >= 0).all(1) & (cells < field.shape[::-1]).all(1)
        found: Points = field[cells[inside, 1], cells[inside, 0]]
        return found

    def draw(self, real: Points, made: Points, field: Points | None, width: int) -> Picture:
        """Both clouds; behind them the field, (down, across), whose shades are full beyond -2 and 2."""
        size = self.size(width)
        if field is None:
            picture = np.full((*size, 3), PAPER, np.uint8)
        else:
            picture = TINTS[np.round(np.tanh(stretched(field, size)) * BANDS).astype(np.int8) + BANDS]
        blend(picture, 0.8 * dots(self.places(real, size), size, width * REAL_RADIUS), REAL)
        blend(picture, 0.9 * dots(self.places(made, size), size, width * MADE_RADIUS), MADE)
        picture[[0, -1]] = picture[:, [0, -1]] = RULE
        return picture


def with_legend(picture: Picture, judged: bool) -> Picture:
    """The picture above what its colours mean."""
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
