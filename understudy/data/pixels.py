"""Arrays of pictures, in any common layout and type, to (N, C, H, W), uint8 or float32 in [0, 1]."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from understudy.data.resize import fit_square
from understudy.errors import DataError

Pixels = NDArray[Any]
ACCEPTED = "(N, features), (N, H, W), (N, H, W, C) or (N, C, H, W) with C 1 or 3"


def to_pixels(array: NDArray[Any], where: str, *, size: int | None = None, channels: int | None = None) -> Pixels:
    """Pictures as the house holds them: 8 bits stay 8 bits, floats stay floats.

    Args:
        array: (N, H, W), (N, H, W, C) or (N, C, H, W).
        where: the file or argument, for messages.
        size: resize to this height and width.
        channels: 3 also spreads grey pictures over three channels, for a network trained on colour.

    Shapes: the result is (N, C, H, W), uint8 or float32 in [0, 1].

    Raises:
        DataError: the layout, the type or a value cannot be a picture's.
    """
    pixels = unit_values(_channels_first(array, where), where)
    if size is not None and pixels.shape[2:] != (size, size):
        pixels = _resized(pixels, size)
    if channels == 3 and pixels.shape[1] == 1:
        pixels = np.repeat(pixels, 3, axis=1)
    return np.ascontiguousarray(pixels)


def _channels_first(array: NDArray[Any], where: str) -> NDArray[Any]:
    if array.ndim == 3:
        return array[:, None]  # (N, 1, H, W)
    first, last = array.shape[1] in (1, 3), array.shape[3] in (1, 3)
    if first and last:
        raise DataError(f"{where}: shape {array.shape} can be read with channels first or last; accepted: {ACCEPTED}")
    if not first and not last:
        alpha = "; flatten the transparency first" if 4 in (array.shape[1], array.shape[3]) else ""
        raise DataError(f"{where}: shape {array.shape} has neither 1 nor 3 channels{alpha}; accepted: {ACCEPTED}")
    return array if first else array.transpose(0, 3, 1, 2)  # (N, C, H, W)


def unit_values(pixels: NDArray[Any], where: str) -> Pixels:
    """Values as a picture has them: 0 to 255 as 8 bits, floats in [0, 1] as 32.

    Raises:
        DataError: a value lies outside.
    """
    if pixels.dtype.kind == "b":
        return pixels.astype(np.uint8) * np.uint8(255)
    low, high = pixels.min(), pixels.max()
    if pixels.dtype.kind == "f":
        return _checked_floats(pixels, low, high, where)
    if high == 1:
        raise DataError(
            f"{where}: whole-number pictures have no value above 1, which would be black on a scale to 255; "
            "give booleans for black and white, or floats"
        )
    if low < 0 or high > 255:
        raise DataError(
            f"{where}: whole-number pictures have values from {low} to {high}; accepted: 0 to 255. "
            "Scale them to floats in [0, 1] first"
        )
    return pixels.astype(np.uint8, copy=False)


def _checked_floats(pixels: NDArray[Any], low: Any, high: Any, where: str) -> Pixels:
    if low < 0 or high > 1:
        what = "divide by 255" if low >= 0 and high <= 255 else "scale them, e.g. (x - min) / (max - min)"
        raise DataError(f"{where}: float pictures have values from {low:.4g} to {high:.4g}; accepted: 0 to 1; {what}")
    return pixels.astype(np.float32, copy=False)


def _resized(pixels: Pixels, size: int) -> Pixels:
    """Each channel apart, so that floats keep their precision."""
    count, channels = pixels.shape[:2]
    result = np.empty((count, channels, size, size), pixels.dtype)
    for source, target in zip(pixels.reshape(-1, *pixels.shape[2:]), result.reshape(-1, size, size), strict=True):
        target[:] = fit_square(Image.fromarray(source), size)
    # Lanczos overshoots at edges; Pillow clips 8 bits by itself
    return result.clip(0, 1) if result.dtype == np.float32 else result
