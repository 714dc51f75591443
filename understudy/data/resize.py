"""The one way in which pictures are brought to a common size."""

from PIL import Image


def fit_square(picture: Image.Image, size: int) -> Image.Image:
    """Scale the shorter side to `size` (Lanczos, which also smooths when shrinking), then cut out the centre."""
    width, height = picture.size
    if (width, height) == (size, size):
        return picture
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    return picture.resize((size, size), Image.Resampling.LANCZOS, box=(left, top, left + side, top + side))
