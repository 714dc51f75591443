"""Drawing with NumPy and Pillow: dots with smooth edges, words, rows of pictures."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from understudy.evaluation.figures import grid

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]

PAPER, INK, QUIET, RULE = 255, 27, 114, 227
HEAD = 26
FONT = 13


def enlarged(pictures: Tensor, columns: int, width: int) -> Picture:
    """Pictures in rows, at the whole factor that brings a row nearest to a width.

    Shapes: (count, channels, height, width), uint8 -> as `grid` has it
    """
    factor = max(1, round(width / (columns * pictures.shape[3])))
    large = pictures.repeat_interleave(factor, 2).repeat_interleave(factor, 3)
    return grid(large / 255, columns, gap=2)


def headed(picture: Picture, words: str, share: float) -> Picture:
    """The picture below a line of words and a bar that is `share` full."""
    sheet, band = _below_a_band(picture)
    band[HEAD - 4 : HEAD - 2] = RULE
    band[HEAD - 4 : HEAD - 2, : round(picture.shape[1] * share)] = QUIET
    write(band, (0, (HEAD - 4) / 2), words, "lm", INK)
    return sheet


def labelled(picture: Picture, columns: Sequence[str]) -> Picture:
    """The picture below a label for each of its equally wide columns."""
    sheet, band = _below_a_band(picture)
    for place, label in enumerate(columns):
        write(band, ((place + 0.5) * picture.shape[1] / len(columns), (HEAD - 4) / 2), label, "mm")
    return sheet


def _below_a_band(picture: Picture) -> tuple[Picture, Picture]:
    height, width, *depth = picture.shape
    sheet = np.full((HEAD + height, width, *depth), PAPER, np.uint8)
    sheet[HEAD:] = picture
    return sheet, sheet[:HEAD]


def write(picture: Picture, place: tuple[float, float], words: str, anchor: str, shade: int = QUIET) -> int:
    """Put words into a picture, grey; `anchor` is Pillow's, such as "lm": left, middle. Returns how wide they are."""
    mask = Image.new("L", (picture.shape[1], picture.shape[0]), 0)
    ImageDraw.Draw(mask).text(place, words, 255, _font(), anchor)
    blend(picture, np.asarray(mask, np.float32) / 255, (shade,) * 3)
    return round(_font().getlength(words))


def blend(picture: Picture, cover: NDArray[np.floating], colour: Colour) -> None:
    """Lay a colour over a picture, as thick as `cover` says.

    Shapes: picture (height, width) or (height, width, 3), cover (height, width) in [0, 1]
    """
    hit = cover > 0
    paint = np.asarray(colour[0] if picture.ndim == 2 else colour, np.float32)
    below, thick = picture[hit].astype(np.float32), cover[hit].reshape(-1, *[1] * (picture.ndim - 2))
    picture[hit] = np.round(below + thick * (paint - below))


def dots(places: NDArray[np.float32], size: tuple[int, int], radius: float) -> NDArray[np.float32]:
    """How much of each pixel discs at these places cover; those outside are left out.

    Shapes: places (count, 2), as (across, down) -> size, (height, width), in [0, 1]
    """
    height, width = size
    reach = int(np.ceil(radius + 1))
    cover = np.zeros((height + 2 * reach, width + 2 * reach), np.float32)  # a margin, for the discs at the edge
    inside = (places >= 0).all(1) & (places < (width, height)).all(1)
    around = np.stack(np.meshgrid(*[np.arange(-reach, reach + 1)] * 2), -1).reshape(-1, 2)
    cells = np.floor(places[inside]).astype(np.int64)[:, None] + around  # (count, cells of a disc, 2)
    distance = np.linalg.norm(cells + 0.5 - places[inside][:, None], axis=2)
    np.maximum.at(cover, (cells[..., 1] + reach, cells[..., 0] + reach), np.clip(radius + 0.5 - distance, 0, 1))
    return cover[reach : reach + height, reach : reach + width]


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(FONT)


def stretched(values: NDArray[np.floating], size: tuple[int, int]) -> NDArray[np.float32]:
    """A small field as a smooth one of this size, (height, width)."""
    return np.asarray(Image.fromarray(values.astype(np.float32)).resize(size[::-1], Image.Resampling.BICUBIC))
