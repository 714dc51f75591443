import numpy as np
import pytest
import torch
from made import PICTURES, POINTS, SPECS, dataset_of, items_of
from torch import Generator, Tensor

from understudy.data.dataset import Dataset
from understudy.evaluation.copies import NEAREST, SHOWN, look_alikes


class Copies:
    """Makes training items, a little brighter."""

    def __init__(self, items: Tensor) -> None:
        self.items = items

    def sample(self, count: int, generator: Generator) -> Tensor:
        return (self.items[torch.randint(len(self.items), (count,), generator=generator)] + 0.002).clamp(0, 1)


def cells(image: np.ndarray, side: int) -> np.ndarray:
    """(rows, columns, side, side)."""
    rows = [image[top : top + side] for top in range(0, len(image), side + 1)]
    return np.array([[row[:, left : left + side] for left in range(0, image.shape[1], side + 1)] for row in rows])


@pytest.mark.parametrize("spec", ["grey 1x8x8", "grey 1x28x28"])
def test_below_a_sample_stands_what_it_was_copied_from_then_what_is_further(spec: str) -> None:
    side = SPECS[spec].width
    data = dataset_of(SPECS[spec], train=50)
    figure = look_alikes(Copies(items_of(SPECS[spec], 50, 0)), data, seed=0)[0]
    shown = cells(figure.image, side).astype(int)
    assert shown.shape == (1 + NEAREST, SHOWN, side, side)
    assert np.abs(shown[0] - shown[1]).max() <= 1
    distances = np.square(shown[1:] - shown[0]).sum((2, 3))
    assert (np.diff(distances, axis=0) > 0).all()


def test_of_few_training_pictures_fewer_are_shown_and_points_have_no_picture() -> None:
    data: Dataset = dataset_of(PICTURES, train=2)
    figure = look_alikes(Copies(items_of(PICTURES, 2, 0)), data, seed=0)[0]
    assert len(cells(figure.image, 8)) == 3
    assert "the 2 training pictures" in figure.caption
    assert look_alikes(Copies(items_of(POINTS, 2, 0)), dataset_of(POINTS), seed=0) == []
