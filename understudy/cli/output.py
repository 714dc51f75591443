"""Where pictures and numbers go."""

from pathlib import Path
from typing import TYPE_CHECKING

from understudy.errors import OptionError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from understudy.data.spec import Spec

CELL = 56  # pixels: smaller pictures are enlarged to about this
PICTURES = (".png", ".jpg", ".jpeg", ".webp")


def default_name(stem: str, spec: "Spec") -> Path:
    """A file for such items in the working directory: a picture where they are pictures."""
    return Path(f"{stem}.png" if spec.kind == "image" else f"{stem}.npy")


def check(path: Path, spec: "Spec") -> Path:
    """The path, if a file of that kind can hold such items and its folder exists.

    Raises:
        OptionError: it cannot.
    """
    suffix = path.suffix.lower()
    if suffix not in (*PICTURES, ".npy"):
        raise OptionError(f"--out '{path}': the name must end in .npy or, for pictures, {', '.join(PICTURES)}")
    if suffix != ".npy" and spec.kind != "image":
        raise OptionError(f"--out '{path}': {spec.describe()} are no pictures; use a name that ends in .npy")
    if not path.parent.is_dir():
        raise OptionError(f"--out '{path}': there is no folder '{path.parent}'")
    return path


def write(path: Path, items: "NDArray[np.float32]", columns: int) -> None:
    """Save items as numbers, or as a grid of pictures with so many columns."""
    import numpy as np
    import torch

    from understudy.evaluation.figures import grid, save_picture
    from understudy.files import replacing

    if path.suffix.lower() == ".npy":
        with replacing(path) as part, part.open("wb") as file:
            np.save(file, items)
    else:
        sheet = grid(torch.from_numpy(items), columns)
        factor = max(1, CELL // items.shape[-1])  # a picture of 8x8 is hard to see; a whole factor keeps it sharp
        save_picture(path, sheet.repeat(factor, 0).repeat(factor, 1))
    print(path)
