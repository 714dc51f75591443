"""What is in a picture, in words."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from understudy.data.decode import decode
from understudy.data.memory import unit_floats
from understudy.data.spec import CaptionSpec
from understudy.decoding.captioning import caption
from understudy.errors import DataError
from understudy.prediction import Prediction
from understudy.prediction.hypotheses import answers
from understudy.run import Run

MOST_STRETCHED = 1.25


def predict(run: Run, inputs: Sequence[str], **asked: Any) -> list[Prediction]:
    """Captions of some picture files; what can be asked as of `hypotheses.answers`.

    Raises:
        DataError: a file is no picture, or of quite another shape than those of the training.
        OptionError: as of `hypotheses.answers`.
    """
    network, spec = cast(Any, run.able("caption")), cast(CaptionSpec, run.spec)
    x = torch.stack([read_picture(given, spec) for given in inputs])
    return answers(inputs, spec.target, lambda *how: caption(network, x, spec, *how), **asked)


def read_picture(given: str, spec: CaptionSpec) -> Tensor:
    """A picture file, brought to the size of the training's: -> spec.shape.

    Where that is a square, the shorter side is scaled to it and the centre cut out, as with `image_size` in training.

    Raises:
        DataError: it cannot be read, or would have to be stretched by more than a quarter.
    """
    if not Path(given).is_file():
        raise DataError(f"no such file: '{given}'")
    if spec.height == spec.width:
        return unit_floats(torch.from_numpy(decode(given, spec.channels, spec.height).copy()))
    pixels = decode(given, spec.channels, None)  # (channels, height, width)
    height, width = pixels.shape[1:]
    stretch = (width / height) / (spec.width / spec.height)
    if not 1 / MOST_STRETCHED <= stretch <= MOST_STRETCHED:
        raise DataError(
            f"'{given}' is {height}x{width}; run was trained on pictures of {spec.height}x{spec.width}; cut it to "
            "about that shape first"
        )
    size, scale = (spec.width, spec.height), Image.Resampling.LANCZOS
    planes = [np.asarray(Image.fromarray(plane).resize(size, scale)) for plane in pixels]
    return unit_floats(torch.from_numpy(np.stack(planes)))
