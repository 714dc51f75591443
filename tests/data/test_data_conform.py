from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from understudy.data.conform import as_batch, load_for
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.data.spec import ImageSpec, VectorSpec
from understudy.errors import DataError

GREY, COLOUR = ImageSpec(1, 6, 5), ImageSpec(3, 6, 5)
ROWS = VectorSpec(2, (1.0, -2.0), (2.0, 4.0))
RNG = np.random.default_rng(0)


def test_rows_are_scaled_as_the_run_s_were() -> None:
    x = np.full((10, 2), (3.0, 2.0))
    data = load_for(x, ROWS)
    assert data.spec == ROWS
    assert (data.test.take(torch.arange(2)).x == 1).all()


def test_the_run_s_own_data_comes_out_the_same() -> None:
    data = load("rings")
    again = load_for("rings", data.spec)
    assert again.spec == data.spec
    index = torch.arange(100)
    assert torch.equal(data.test.take(index).x, again.test.take(index).x)


@pytest.mark.parametrize(
    ("source", "spec", "message"),
    [
        (np.zeros((9, 8, 8)), GREY, "run was trained on 1x6x5 images; 'array' has 1x8x8 images; resize the pictures"),
        (
            "digits",
            ImageSpec(1, 28, 28),
            "'digits' has 1x8x8 images; resize the pictures to 28x28 first",
        ),
        (np.zeros((9, 6, 5, 3)), GREY, "'array' has 3x6x5 images; convert the pictures to grey"),
        (np.zeros((9, 30)), GREY, "run was trained on 1x6x5 images; 'array' has rows of 30 values"),
        (np.zeros((9, 3)), ROWS, "run was trained on rows of 2 values; 'array' has rows of 3 values"),
        (np.zeros((9, 6, 5)), ROWS, "run was trained on rows of 2 values; 'array' has 1x6x5 images"),
    ],
)
def test_data_of_another_shape(source: object, spec: ImageSpec | VectorSpec, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_for(source, spec)


def test_a_folder_of_another_shape(tmp_path: Path, pictures: Callable[..., Path]) -> None:
    root = pictures(tmp_path / "photos", 4, size=(9, 9))
    assert load_for(root, ImageSpec(3, 6, 6)).spec == ImageSpec(3, 6, 6), "resized to what the network takes"
    with pytest.raises(DataError, match="'photos' has 3x9x9 images; resize the pictures to 6x7 first"):
        load_for(root, ImageSpec(3, 6, 7))


@pytest.mark.parametrize("memory", ["keep", "stream"])
def test_grey_pictures_suit_a_network_trained_on_colour(
    tmp_path: Path, pictures: Callable[..., Path], memory: str
) -> None:
    root = pictures(tmp_path / "photos", 5, mode="L")
    x = load_for(root, ImageSpec(3, 5, 6), DataOptions(memory=memory)).test.take(torch.tensor([0])).x
    assert torch.equal(x[:, 0], x[:, 2])
    assert load_for(np.zeros((9, 6, 5)), COLOUR).spec == COLOUR


def test_classes_get_the_run_s_numbers_when_all_are_known() -> None:
    spec = ImageSpec(1, 6, 5, ("ant", "bee", "cat"))
    x = np.zeros((10, 6, 5))
    data = load_for((x, ["cat", "bee"] * 5), spec, whole=True)
    assert data.spec == spec
    y = data.test.take(torch.arange(4)).y
    assert y is not None
    assert y.tolist() == [2, 1, 2, 1]
    assert load_for((x, ["cat", "dog"] * 5), spec).spec.classes == ("cat", "dog")
    assert load_for(x, spec).spec.classes == ()


def test_whole_puts_everything_into_test(tmp_path: Path, pictures: Callable[..., Path]) -> None:
    assert load_for(np.ones((1, 2)), ROWS, whole=True).sizes == {"train": 0, "validation": 0, "test": 1}
    one = pictures(tmp_path / "one", 1, size=(5, 6))
    assert load_for(one, COLOUR, whole=True).sizes == {"train": 0, "validation": 0, "test": 1}
    split = tmp_path / "split"
    pictures(split / "train", 9, size=(5, 6))
    pictures(split / "test", 2, size=(5, 6))
    assert load_for(split, COLOUR, whole=True).sizes["test"] == 2


@pytest.mark.parametrize("shape", [(6, 5), (1, 6, 5), (6, 5, 1), (4, 6, 5), (4, 1, 6, 5), (4, 6, 5, 1)])
@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_every_layout_of_grey(shape: tuple[int, ...], kind: type) -> None:
    x = RNG.integers(0, 2, shape).astype(kind) * (255 if kind is np.uint8 else 1)
    batch = as_batch(x, GREY)
    assert batch.dtype == torch.float32
    assert np.array_equal(batch.numpy(), (x > 0).reshape(-1, 1, 6, 5).astype(np.float32))


@pytest.mark.parametrize(
    ("shape", "order"),
    [((3, 6, 5), (0, 1, 2)), ((6, 5, 3), (2, 0, 1)), ((4, 3, 6, 5), (0, 1, 2, 3)), ((4, 6, 5, 3), (0, 3, 1, 2))],
)
def test_every_layout_of_colour(shape: tuple[int, ...], order: tuple[int, ...]) -> None:
    x = torch.rand(shape, requires_grad=True)
    assert torch.equal(as_batch(x, COLOUR), x.detach().permute(order).reshape(-1, 3, 6, 5))


@pytest.mark.parametrize("shape", [(6, 5), (4, 6, 5), (4, 1, 6, 5), (6, 5, 1)])
def test_grey_for_a_network_trained_on_colour(shape: tuple[int, ...]) -> None:
    x = torch.rand(shape)
    assert torch.equal(as_batch(x, COLOUR), x.reshape(-1, 1, 6, 5).expand(-1, 3, 6, 5))


def test_rows() -> None:
    assert as_batch([3, 2], ROWS).tolist() == [[1, 1]]
    assert as_batch(torch.tensor([[1.0, -2.0], [-1, -6]]), ROWS).tolist() == [[0, 0], [-1, -1]]


def test_a_batch_of_a_data_set_agrees_with_the_array_it_came_from() -> None:
    x = RNG.integers(0, 256, (1, 6, 5), dtype=np.uint8)
    assert torch.equal(as_batch(x, GREY), load_for(x, GREY, whole=True).test.take(torch.tensor([0])).x)


@pytest.mark.parametrize(
    ("x", "spec", "message"),
    [
        (np.zeros((4, 8, 8)), GREY, r"shape \(4, 8, 8\); accepted: \(1, 6, 5\), \(6, 5, 1\), \(6, 5\), for one item"),
        (np.zeros((4, 6, 5, 3)), GREY, "trained on 1x6x5 images"),
        (np.zeros((0, 6, 5)), GREY, r"shape \(0, 6, 5\)"),
        (np.zeros((4, 3)), ROWS, r"trained on rows of 2 values; the array has shape \(4, 3\); accepted: \(2,\)"),
        (np.zeros(()), ROWS, r"shape \(\)"),
        (np.full((6, 5), 2.0), GREY, "values from 2 to 2; accepted: 0 to 1"),
        (np.full((6, 5), np.nan), GREY, "nan at index"),
        ("cat", GREY, "type <U3 is not accepted"),
    ],
)
def test_arrays_that_do_not_fit(x: object, spec: ImageSpec | VectorSpec, message: str) -> None:
    with pytest.raises(DataError, match=message):
        as_batch(x, spec)
