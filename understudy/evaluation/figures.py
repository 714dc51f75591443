"""What a report shows: pictures, plots and texts, each with a title and a caption."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from understudy.evaluation.animation import save_animation
from understudy.files import read_json, replacing, write_json, write_text

TRAIN, EVALUATE = "train", "evaluate"
"""The verbs that draw what every run has: of training itself, and of the network, with which training ends."""
ORDER = (TRAIN, EVALUATE)


@dataclass(frozen=True)
class Figure:
    """One exhibit: a picture, a plot, a text, or a moving picture.

    Attributes:
        name: file name without suffix.
        image: (height, width) or (height, width, 3), uint8.
        plot: its `kind`, and what that kind of plot reads; see `report/plots.py`.
        frames: pictures that follow each other, each as `image`.
    """

    name: str
    title: str
    caption: str
    image: NDArray[np.uint8] | None = None
    plot: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    frames: Sequence[NDArray[np.uint8]] = ()

    def save(self, folder: Path) -> dict[str, str]:
        """Write the file into `folder`; returns what the folder's index says of it."""
        if self.text:
            suffix, kind = ".txt", "text"
        else:
            suffix, kind = (".json", str(self.plot["kind"])) if self.plot else (".png", "image")
        path = folder / (self.name + suffix)
        if self.text:
            write_text(path, self.text)
        elif self.plot:
            write_json(path, self.plot)
        elif self.image is None:
            save_animation(path, self.frames)
        else:
            save_picture(path, self.image)
        return {"file": path.name, "title": self.title, "caption": self.caption, "kind": kind}


def save_figures(figures: list[Figure], folder: Path, by: str = EVALUATE) -> None:
    """Write figures in place of those that the same verb wrote before; what others wrote stays.

    Those of training come first, then evaluation's.

    Args:
        by: the verb.
    """
    folder.mkdir(exist_ok=True)
    index = folder / "index.json"
    lines = [{**figure.save(folder), "by": by} for figure in figures]
    new = {line["file"] for line in lines}
    before = read_json(index) if index.is_file() else []
    others = [line for line in before if line.get("by", EVALUATE) != by and line["file"] not in new]
    write_json(index, sorted([*others, *lines], key=lambda line: _place(line.get("by", EVALUATE))))


def _place(by: str) -> int:
    return ORDER.index(by) if by in ORDER else len(ORDER)


def save_picture(path: Path, image: NDArray[np.uint8]) -> None:
    """Write a picture, whole or not at all; the suffix names the format."""
    with replacing(path) as part:
        Image.fromarray(image).save(part, format=Image.registered_extensions()[path.suffix.lower()])


def grid(images: Tensor, columns: int, *, gap: int = 1) -> NDArray[np.uint8]:
    """Pictures in rows, a thin line between them.

    Shapes: (count, channels, height, width) in [0, 1] -> (rows, columns) cells, grey or RGB
    """
    cells = (images.detach().clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    count, height, width, channels = cells.shape
    rows = -(-count // columns)
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, channels), 128, np.uint8)
    for number, cell in enumerate(cells):
        top, left = number // columns * (height + gap), number % columns * (width + gap)
        sheet[top : top + height, left : left + width] = cell
    return sheet[:, :, 0] if channels == 1 else sheet


def scatter(points: Tensor, labels: Tensor | None, classes: Sequence[str], axes: tuple[str, str]) -> dict[str, Any]:
    """Points of the plane as the report reads them.

    Shapes:
        points: (count, 2).
        labels: (count,), positions in `classes`.
    """
    numbers = [-1] * len(points) if labels is None else labels.tolist()
    rows = [[round(x, 4), round(y, 4), int(number)] for (x, y), number in zip(points.tolist(), numbers, strict=True)]
    return {"kind": "scatter", "x_label": axes[0], "y_label": axes[1], "classes": list(classes), "points": rows}


def groups(named: dict[str, Tensor], axes: tuple[str, str]) -> dict[str, Any]:
    """Several clouds of points in one plot, told apart by their names; each is (count, 2)."""
    labels = torch.cat([torch.full((len(cloud),), number) for number, cloud in enumerate(named.values())])
    return scatter(torch.cat([cloud.cpu() for cloud in named.values()]), labels, list(named), axes)
