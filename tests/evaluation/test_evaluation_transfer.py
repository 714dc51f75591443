"""Scores of pictures carried to another domain, against carriers that are known."""

import dataclasses

import numpy as np
import pytest
import torch
from torch import Tensor

from understudy.data.arrays import Part, from_arrays
from understudy.data.dataset import Dataset
from understudy.data.digits import read_digits
from understudy.data.domains import unpaired
from understudy.data.options import DataOptions
from understudy.evaluation.transfer import score_transfer, transferred


@pytest.fixture(scope="module")
def negatives() -> Dataset:
    """Half of the digits, and the other half as negatives: the right way there and back is 1 - x."""
    pixels, labels = read_digits()
    parts = [Part(pixels[::2], labels[::2]), Part(255 - pixels[1::2], labels[1::2])]
    first, second = (from_arrays({"train": part}, "digits", DataOptions()) for part in parts)
    return unpaired("negatives", first, second, ("white", "black"))


class Inverts:
    def transfer(self, x: Tensor, to: str) -> Tensor:
        return 1 - x


class Leaves:
    def transfer(self, x: Tensor, to: str) -> Tensor:
        return x


class Forgets:
    """The same picture of the target domain for everything."""

    def transfer(self, x: Tensor, to: str) -> Tensor:
        picture = torch.zeros(1, 1, 8, 8)
        picture[..., 1:7, 3:5] = 1  # a one
        return (picture if to == "white" else 1 - picture).expand_as(x)


@pytest.fixture(scope="module")
def scores(negatives: Dataset) -> dict[str, dict[str, float]]:
    with torch.no_grad():
        return {it.__name__: score_transfer(it(), negatives, seed=0) for it in (Inverts, Leaves, Forgets)}


@pytest.mark.parametrize("way", ["a_to_b", "b_to_a"])
def test_the_right_way_keeps_classes_and_looks_like_the_target(scores: dict[str, dict[str, float]], way: str) -> None:
    right = scores["Inverts"]
    assert right[f"real_class_kept_{way}"] > 0.9, "the judge knows digits it has never seen"
    assert right[f"class_kept_{way}"] > 0.9
    assert right[f"fid_lenet_{way}"] < 3 * right[f"real_fid_lenet_{way}"]
    assert right[f"cycle_mae_{way}"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("way", ["a_to_b", "b_to_a"])
def test_to_leave_pictures_alone_is_the_baseline(scores: dict[str, dict[str, float]], way: str) -> None:
    idle = scores["Leaves"]
    for name in ("class_kept", "fid_lenet"):
        assert idle[f"{name}_{way}"] == scores["Inverts"][f"identity_{name}_{way}"]
    assert idle[f"class_kept_{way}"] < 0.5
    assert idle[f"fid_lenet_{way}"] > 10 * idle[f"real_fid_lenet_{way}"]
    assert idle[f"cycle_mae_{way}"] == 0


@pytest.mark.parametrize("way", ["a_to_b", "b_to_a"])
def test_one_picture_for_all_keeps_no_class(scores: dict[str, dict[str, float]], way: str) -> None:
    lost = scores["Forgets"]
    assert lost[f"class_kept_{way}"] < 0.2
    assert lost[f"fid_lenet_{way}"] > 5 * scores["Inverts"][f"fid_lenet_{way}"]
    assert lost[f"cycle_mae_{way}"] > lost[f"mean_cycle_mae_{way}"] > 0.05


def test_a_class_kept_is_the_targets_word_on_the_sources_label(negatives: Dataset) -> None:
    """Labels of the source turned by one: then no class is kept by what keeps them all."""
    first, _ = negatives.test.sides
    turned = dataclasses.replace(first, y=(first.y + 1) % 10)
    changed = dataclasses.replace(
        negatives, test=dataclasses.replace(negatives.test, sides=(turned, negatives.test.sides[1]))
    )
    with torch.no_grad():
        scores = score_transfer(Inverts(), changed, seed=0)
    assert scores["class_kept_a_to_b"] < 0.1 < 0.9 < scores["class_kept_b_to_a"]


def test_without_classes_there_is_still_a_likeness(negatives: Dataset) -> None:
    bare = dataclasses.replace(negatives, spec=dataclasses.replace(negatives.spec, classes=()))
    found = score_transfer(Inverts(), bare, seed=0)
    assert not any("class" in name for name in found)
    assert {"fid_lenet_a_to_b", "identity_fid_lenet_b_to_a", "cycle_mae_a_to_b"} <= set(found)


def test_pictures_stand_above_their_translations_and_these_above_their_way_back(negatives: Dataset) -> None:
    there, back = transferred(Inverts(), negatives, seed=0)
    assert (there.name, there.title, back.title) == ("transfer_a_to_b", "From white to black", "From black to white")
    assert there.image is not None
    rows = [there.image[start : start + 8] for start in (0, 9, 18)]
    inside = rows[0] != 128  # without the lines between
    assert np.array_equal(rows[0], rows[2])
    assert np.abs(rows[0].astype(int) + rows[1] - 255)[inside & (rows[1] != 128)].max() <= 1
