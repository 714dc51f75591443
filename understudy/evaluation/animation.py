"""Moving pictures: animated PNG, which every browser plays and every other reader shows the first frame of."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from understudy.files import replacing

MOST_BYTES = 2_000_000
"""A report carries its pictures within itself."""
LADDER = ((256, 1), (64, 1), (32, 1), (64, 2), (32, 3), (16, 4), (8, 6))
"""Colours, and of how many frames one is kept: the first that fits is taken, and the last where none does. Few frames
are better than few colours."""
NEARLY_WHITE = 248
MILLISECONDS, LAST_MILLISECONDS = 120, 2500


def save_animation(path: Path, frames: Sequence[NDArray[np.uint8]]) -> None:
    """Write an animation that begins anew for ever, whole or not at all.

    Shapes: each frame is (height, width) or (height, width, 3).
    """
    with replacing(path) as part:
        part.write_bytes(encoded(frames))


def encoded(frames: Sequence[NDArray[np.uint8]]) -> bytes:
    """The animation's bytes, at most about `MOST_BYTES`: where it must, with fewer colours, then with fewer frames."""
    for colours, stride in LADDER:
        kept = frames[len(frames) - 1 :: -stride][::-1]  # the last frame is the one that counts
        found = _encode(_with_few_colours(kept, colours))
        if len(found) <= MOST_BYTES:
            break
    return found


def _with_few_colours(frames: Sequence[NDArray[np.uint8]], colours: int) -> list[Image.Image]:
    if frames[0].ndim == 2:
        step = 255 / (colours - 1)
        return [Image.fromarray((np.round(np.round(frame / step) * step)).astype(np.uint8)) for frame in frames]
    some = np.concatenate([frame[::2, ::2] for frame in frames[:: max(1, len(frames) // 8)]])
    palette = Image.fromarray(some).quantize(colours, Image.Quantize.MEDIANCUT)
    shades = np.asarray(palette.getpalette() or [])
    palette.putpalette(np.where(shades > NEARLY_WHITE, 255, shades).tolist())  # as the page is
    return [Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]


def _encode(frames: list[Image.Image]) -> bytes:
    file = io.BytesIO()
    durations = [MILLISECONDS] * (len(frames) - 1) + [LAST_MILLISECONDS]
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:], duration=durations, loop=0)
    return file.getvalue()
