"""A picture file as a network reads it."""

from pathlib import Path

from torch import Tensor

from understudy.data.conform import as_batch
from understudy.data.decode import decode
from understudy.data.spec import ImageSpec
from understudy.errors import DataError


def read_picture(given: str, spec: ImageSpec) -> Tensor:
    """One file; brought to the size of the training's where that is square: -> (1, *spec.shape).

    Raises:
        DataError: there is no such file, it is no picture, or of another size.
    """
    if not Path(given).is_file():
        raise DataError(f"no such file: '{given}'; the network reads {spec.describe()}, .png or .jpg")
    return as_batch(decode(given, spec.channels, spec.height if spec.height == spec.width else None), spec)
