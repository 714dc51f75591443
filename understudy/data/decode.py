"""One picture file to pixels; whatever is wrong with it becomes an error that names the file."""

import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from understudy.data.resize import fit_square
from understudy.errors import DataError

SUFFIXES = (".png", ".jpg", ".jpeg")
_FORMATS = ("PNG", "JPEG")  # whatever the suffix says, no other decoder is tried
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, Image.DecompressionBombError)
_GREY = {"1", "L", "LA", "I", "I;16", "I;16B"}
_ENDS = {"PNG": b"IEND", "JPEG": b"\xff\xd9"}
_TAIL = 4096  # bytes; some programs write more behind the end
_ORIENTATION = 0x0112  # the EXIF tag; 5 to 8 lie on their side


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself, before its pixels are read.

    Attributes:
        grey: it has no colour by its kind: grey values, or a palette of greys.
    """

    width: int
    height: int
    grey: bool


def read_header(path: str) -> Header:
    """Size and kind, of a file that begins and ends as a picture should.

    Raises:
        DataError: it does not.
    """
    with _opened(path) as picture:
        if _ENDS[str(picture.format)] not in _tail(path):
            raise DataError(f"'{path}' is cut off before its end; remove or replace it")
        width, height = picture.size
        if picture.format != "PNG" and picture.getexif().get(_ORIENTATION, 1) >= 5:
            width, height = height, width
        return Header(width, height, picture.mode in _GREY or _grey_palette(picture))


def decode(path: str, channels: int, size: int | None) -> NDArray[np.uint8]:
    """The pixels of one file.

    Transparency is laid on white, palettes are looked up, 16 bits become 8, and the camera's orientation is undone.

    Args:
        path: a PNG or JPEG file.
        channels: 1 or 3.
        size: scale the shorter side to it (Lanczos) and cut out the centre; None leaves the size.

    Shapes: (channels, height, width).

    Raises:
        DataError: it cannot be decoded.
    """
    with _opened(path) as picture:
        if size is not None:
            picture.draft(None, (2 * size, 2 * size))  # a JPEG far too large is shrunk while it is decoded
        picture.load()
        upright = picture if picture.format == "PNG" else ImageOps.exif_transpose(picture)
        plain = _flat(upright).convert("L" if channels == 1 else "RGB")
        pixels = np.asarray(plain if size is None else fit_square(plain, size))
    return pixels[None] if channels == 1 else pixels.transpose(2, 0, 1)


@contextmanager
def _opened(path: str) -> Iterator[Image.Image]:
    try:
        with Image.open(path, formats=_FORMATS) as picture:
            yield picture
    except UnidentifiedImageError as error:
        what = "is empty" if Path(path).stat().st_size == 0 else "is not a PNG or JPEG picture"
        raise DataError(f"'{path}' {what}; remove or replace it") from error
    except _BROKEN as error:
        raise DataError(f"cannot decode '{path}': {error}; remove or replace it") from error


def _tail(path: str) -> bytes:
    with Path(path).open("rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
        return file.read()


def _grey_palette(picture: Image.Image) -> bool:
    palette = (picture.getpalette("RGB") if picture.mode == "P" else None) or [0, 1, 2]
    return palette[0::3] == palette[1::3] == palette[2::3]


def _flat(picture: Image.Image) -> Image.Image:
    """Without transparency, and with at most 8 bits."""
    if picture.mode.startswith("I"):  # 16 bits, also where Pillow holds them in 32
        wide = np.asarray(picture).astype(np.int64)
        return Image.fromarray(((wide * 255 + 32767) // 65535).clip(0, 255).astype(np.uint8))
    if not picture.has_transparency_data:
        return picture
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture.convert("RGBA"))
