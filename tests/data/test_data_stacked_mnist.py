import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from understudy.data.conform import load_for, unlabelled
from understudy.data.dataset import Dataset
from understudy.data.options import DataOptions
from understudy.data.sources import load, names
from understudy.data.spec import ImageSpec
from understudy.data.stacked_mnist import CLASSES, COUNTS, stacked
from understudy.errors import DataError


@pytest.fixture
def data(four_files: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """Stacks of made digits of 6x5 pixels."""
    four_files(tmp_path / "mnist")
    monkeypatch.setenv("UNDERSTUDY_DATA", str(tmp_path))
    return load("stacked-mnist")


def test_a_stack_is_three_digits_of_its_own_split_and_its_class_their_number(data: Dataset) -> None:
    assert data.spec == ImageSpec(3, 6, 5, CLASSES)
    assert stacked(data.spec)
    assert data.sizes == COUNTS
    mnist = load("mnist")
    for name in COUNTS:
        digits = mnist.split(name).take(torch.arange(len(mnist.split(name))))
        batch = data.split(name).take(torch.tensor([0, 5, 77]))
        assert batch.x.shape == (3, 3, 6, 5)
        for picture, number in zip(batch.x, batch.y, strict=True):
            labels = [int(digits.y[(digits.x[:, 0] == channel).flatten(1).all(1)][0]) for channel in picture]
            assert f"{int(number):03}" == "".join(map(str, labels)) == data.spec.classes[int(number)]


def test_only_the_digits_are_held(data: Dataset) -> None:
    held = data.train.digits.nbytes + data.train.picks.nbytes + data.train.y.nbytes
    assert held < 40 * 6 * 5 + COUNTS["train"] * 4 * 8 + 1


def test_the_split_seed_decides_the_stacks(data: Dataset) -> None:
    assert load("stacked-mnist").fingerprint == data.fingerprint
    assert load("stacked-mnist", DataOptions(split_seed=1)).fingerprint != data.fingerprint


def test_a_class_can_be_left_out_and_pictures_resized(data: Dataset) -> None:
    fewer = load("stacked-mnist", DataOptions(leave_out="123"))
    assert len(fewer.spec.classes) == 999
    assert not stacked(fewer.spec)
    assert load("stacked-mnist", DataOptions(image_size=8)).spec.shape == (3, 8, 8)


def test_for_a_network_it_must_have_the_networks_shape(data: Dataset) -> None:
    assert load_for("stacked-mnist", data.spec).sizes == COUNTS
    with pytest.raises(DataError, match="was trained on 3x9x9 images"):
        load_for("stacked-mnist", ImageSpec(3, 9, 9))


def test_without_labels_items_are_the_same(data: Dataset) -> None:
    bare = unlabelled(data.test).only(torch.tensor([4, 2]))
    assert bare.take(torch.tensor([0])).y is None
    assert torch.equal(bare.take(torch.tensor([0])).x, data.test.take(torch.tensor([4])).x)
    assert len(dataclasses.replace(data, test=bare).test) == 2


def test_it_is_where_mnist_is(data: Dataset) -> None:
    places = {it.name: it.where for it in names()}
    assert places["stacked-mnist"] == places["mnist"]
