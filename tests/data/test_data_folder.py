import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from understudy.data import folder as module
from understudy.data.dataset import Dataset
from understudy.data.memory import ArrayItems
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.data.spec import ImageSpec
from understudy.data.streaming import PictureItems
from understudy.errors import DataError

Pictures = Callable[..., Path]


def labels(data: Dataset) -> list[int]:
    found = []
    for items in (data.train, data.validation, data.test):
        y = items.take(torch.arange(len(items))).y
        assert y is not None
        found += y.tolist()
    return sorted(found)


def test_a_flat_folder_has_no_labels(tmp_path: Path, pictures: Pictures) -> None:
    data = load(pictures(tmp_path / "photos", 10))
    assert (data.name, data.spec) == ("photos", ImageSpec(3, 5, 6))
    assert data.sizes == {"train": 7, "validation": 1, "test": 2}
    assert data.train.take(torch.tensor([0])).y is None


def test_subfolders_are_labels_however_deep(tmp_path: Path, pictures: Pictures) -> None:
    root = tmp_path / "animals"
    pictures(root / "dog" / "2021" / "may", 3)
    pictures(root / "cat", 4, suffix=".JPG")
    pictures(root / "cat" / "more", 1, suffix=".jpeg")
    pictures(root / ".thumbnails", 9)
    pictures(root / "cat" / ".hidden", 9)
    (root / "dog" / "notes.txt").write_text("not a picture")
    (root / "dog" / ".0000.png").write_text("a file that some systems leave")
    (root / "readme.md").write_text("")
    (root / "empty").mkdir()
    data = load(root)
    assert data.spec == ImageSpec(3, 5, 6, ("cat", "dog"))
    assert labels(data) == [0] * 5 + [1] * 3


@pytest.mark.parametrize("validation", ["validation", "val", "valid", "Val"])
def test_official_splits(tmp_path: Path, pictures: Pictures, validation: str) -> None:
    for split, count in (("train", 5), (validation, 2), ("test", 3)):
        for label in ("a", "b"):
            pictures(tmp_path / "d" / split / label, count)
    data = load(tmp_path / "d")
    assert data.sizes == {"train": 10, "validation": 4, "test": 6}
    assert data.spec.classes == ("a", "b")
    test = data.test.take(torch.arange(6))
    assert test.y is not None
    assert test.y.tolist() == [0, 0, 0, 1, 1, 1]


def test_missing_splits_are_held_out_of_training(tmp_path: Path, pictures: Pictures) -> None:
    pictures(tmp_path / "d" / "train", 20)
    pictures(tmp_path / "d" / "test", 6)
    assert load(tmp_path / "d").sizes == {"train": 18, "validation": 2, "test": 6}


def tree(root: Path, pictures: Pictures, *folders: str) -> Path:
    for name in folders:
        pictures(root / name, 3)
    return root


@pytest.mark.parametrize(
    ("folders", "message"),
    [
        ((".", "cat"), r"loose pictures \('000\d.png'\) beside subfolders of pictures \('cat'\)"),
        (("train", "cat"), "has split folders and also 'cat'"),
        (("train", "val", "valid"), "two folders for validation"),
        (("val", "test"), "has test, val but no train folder"),
        (("train", "."), "split folders and also loose pictures, such as"),
        (("train/a", "train/b", "test/a"), "train and test have different classes; only one of them has 'b'"),
        (("train/a", "test"), "train and test have different classes"),
        ((), "no pictures in '.*d'; accepted: .png, .jpg, .jpeg$"),
    ],
)
def test_folders_that_are_refused(tmp_path: Path, pictures: Pictures, folders: tuple[str, ...], message: str) -> None:
    (tmp_path / "d").mkdir()
    with pytest.raises(DataError, match=message):
        load(tree(tmp_path / "d", pictures, *folders))


def test_an_empty_split_is_refused(tmp_path: Path, pictures: Pictures) -> None:
    tree(tmp_path / "d", pictures, "train")
    (tmp_path / "d" / "test").mkdir()
    with pytest.raises(DataError, match=r"no pictures in '.*test'"):
        load(tmp_path / "d")


def test_a_folder_of_arrays_hints_at_them(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros(3))
    with pytest.raises(DataError, match=r"no pictures .* give its .npy or .npz file itself"):
        load(tmp_path)


def test_sizes_that_differ_need_image_size(tmp_path: Path, pictures: Pictures) -> None:
    root = pictures(tmp_path / "d", 4, size=(9, 7))
    Image.new("RGB", (12, 8)).save(root / "other.png")
    with pytest.raises(DataError, match=r"0000.png' is 9x7, '.*other.png' is 12x8; pass --image-size N"):
        load(root)
    assert load(root, DataOptions(image_size=6)).spec == ImageSpec(3, 6, 6)


def test_one_coloured_picture_makes_all_colour(tmp_path: Path, pictures: Pictures) -> None:
    root = pictures(tmp_path / "d", 4, mode="L")
    assert load(root).spec == ImageSpec(1, 5, 6)
    Image.new("RGB", (6, 5)).save(root / "colour.png")
    assert load(root).spec == ImageSpec(3, 5, 6)


def test_every_header_is_checked_at_once(tmp_path: Path, pictures: Pictures) -> None:
    root = pictures(tmp_path / "d", 4)
    (root / "0002.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"0002.png' is empty"):
        load(root)


def test_pictures_are_kept_when_they_fit(tmp_path: Path, pictures: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    root = pictures(tmp_path / "d", 10)
    size = 10 * 3 * 6 * 5
    monkeypatch.setattr(module, "budget", lambda: size)
    assert isinstance(load(root).train, ArrayItems)
    monkeypatch.setattr(module, "budget", lambda: size - 1)
    assert isinstance(load(root).train, PictureItems)
    assert isinstance(load(root, DataOptions(memory_mb=1)).train, ArrayItems)
    assert isinstance(load(root, DataOptions(memory="keep")).train, ArrayItems)


def test_a_stream_and_memory_hold_the_same(tmp_path: Path, pictures: Pictures) -> None:
    tree(tmp_path / "d", pictures, "a", "b")
    kept, streamed = (load(tmp_path / "d", DataOptions(memory=way, image_size=4)) for way in ("keep", "stream"))
    index = torch.tensor([2, 0])
    one, other = kept.train.take(index), streamed.train.to(torch.device("cpu")).take(index)
    assert torch.equal(one.x, other.x)
    assert one.y is not None
    assert other.y is not None
    assert torch.equal(one.y, other.y)
    assert kept.fingerprint == streamed.fingerprint


def test_a_picture_replaced_by_one_of_another_size_is_named(tmp_path: Path, pictures: Pictures) -> None:
    root = pictures(tmp_path / "d", 6)
    items = load(root, DataOptions(memory="stream")).train
    pictures(root, 6, size=(7, 7))
    with pytest.raises(DataError, match=r"png' has shape \(3, 7, 7\), and had \(3, 5, 6\)"):
        items.take(torch.tensor([0]))


def test_the_fingerprint_follows_names_and_sizes_but_not_the_place(tmp_path: Path, pictures: Pictures) -> None:
    root = pictures(tmp_path / "d", 5)
    shutil.copytree(root, tmp_path / "elsewhere")
    first = load(root).fingerprint
    assert load(tmp_path / "elsewhere").fingerprint == first
    (root / "0000.png").rename(root / "renamed.png")
    assert load(root).fingerprint != first


def test_names_that_are_not_unicode(tmp_path: Path, pictures: Pictures) -> None:
    root = pictures(tmp_path / "d", 4)
    (root / "0000.png").rename(root / "caf\udce9.png")
    assert sum(load(root).sizes.values()) == 4
