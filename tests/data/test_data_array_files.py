from pathlib import Path

import numpy as np
import pytest
import torch

from understudy.data.memory import ArrayItems
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.data.spec import ImageSpec
from understudy.errors import DataError, OptionError

RNG = np.random.default_rng(0)
X, Y = RNG.integers(0, 256, (20, 4, 4), dtype=np.uint8), np.arange(20) % 4


def test_npy_with_and_without_labels(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "y.npy", Y)
    assert load(tmp_path / "x.npy").spec == ImageSpec(1, 4, 4)
    labelled = load(str(tmp_path / "x.npy"), DataOptions(labels=str(tmp_path / "y.npy")))
    assert labelled.spec == ImageSpec(1, 4, 4, ("0", "1", "2", "3"))
    assert labelled.name == "x"


def test_both_files_are_named_when_the_counts_differ(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "y.npy", Y[:7])
    with pytest.raises(DataError, match=r"x.npy' with labels '.*y.npy': 7 labels for 20 items"):
        load(tmp_path / "x.npy", DataOptions(labels=str(tmp_path / "y.npy")))


@pytest.mark.parametrize("names", [("x", "y"), ("X", "y"), ("images", "labels"), ("data", "target")])
def test_npz_pairs(tmp_path: Path, names: tuple[str, str]) -> None:
    np.savez(tmp_path / "d.npz", **dict(zip(names, (X, Y), strict=True)))
    assert load(tmp_path / "d.npz").spec.classes == ("0", "1", "2", "3")


def test_npz_with_one_array_under_any_name(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "d.npz", whatever=X)
    data = load(tmp_path / "d.npz")
    assert (data.spec, sum(data.sizes.values())) == (ImageSpec(1, 4, 4), 20)


def test_keras_names_keep_the_official_test_split(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x_train=X, y_train=Y, x_test=X[:5], y_test=Y[:5])
    data = load(tmp_path / "d.npz")
    assert data.sizes == {"train": 18, "validation": 2, "test": 5}
    assert isinstance(data.test, ArrayItems)
    assert torch.equal(data.test.x[:, 0], torch.from_numpy(X[:5]))


def test_medmnist_names_keep_all_splits_in_order(tmp_path: Path) -> None:
    labels = Y[:, None].astype(np.uint8)
    parts = {"train": X, "val": X[:6], "test": X[:5]}
    arrays = {f"{key}_images": x for key, x in parts.items()}
    np.savez(tmp_path / "d.npz", **arrays, **{f"{key}_labels": labels[: len(x)] for key, x in parts.items()})
    data = load(tmp_path / "d.npz")
    assert data.sizes == {"train": 20, "validation": 6, "test": 5}
    assert isinstance(data.train, ArrayItems)
    assert torch.equal(data.train.x[:, 0], torch.from_numpy(X))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": X, "b": Y}, "holds a, b; accepted: one array under any name"),
        ({"x": X, "y": Y, "weights": Y}, "holds x, y, weights"),
        ({"x_test": X, "y_test": Y}, "holds x_test, y_test"),
        ({"x_train": X, "y_train": Y, "x_test": X[:5]}, "labels for train but not for the other splits"),
        ({"x_train": X, "x_test": X[:, :3]}, r"different shapes: train \(1, 4, 4\), test \(1, 3, 4\)"),
        ({}, "holds nothing"),
        ({"x": np.array([[None, 1]])}, "cannot read 'x' in .* holds Python objects"),
    ],
)
def test_npz_that_is_refused(tmp_path: Path, arrays: dict[str, np.ndarray], message: str) -> None:
    np.savez(tmp_path / "d.npz", **arrays)
    with pytest.raises(DataError, match=message):
        load(tmp_path / "d.npz")


@pytest.mark.parametrize("name", ["x.npy", "x.npz"])
@pytest.mark.parametrize("content", [b"", b"garbage", b"\x93NUMPY\x01\x00", b"PK\x03\x04garbage"])
def test_files_that_are_not_what_their_suffix_says(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=name):
        load(tmp_path / name)


def test_a_truncated_file(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    (tmp_path / "x.npy").write_bytes((tmp_path / "x.npy").read_bytes()[:-9])
    with pytest.raises(DataError, match=r"cannot read '.*x.npy'"):
        load(tmp_path / "x.npy")


def test_a_suffix_that_lies(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    (tmp_path / "x.npy").rename(tmp_path / "x.npz")
    with pytest.raises(DataError, match=r"rename it to \.npy"):
        load(tmp_path / "x.npz")


def test_pickles_are_never_opened(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([[None, 1]]), allow_pickle=True)
    with pytest.raises(DataError, match="holds Python objects, which are never opened"):
        load(tmp_path / "x.npy")


def test_labels_do_not_go_with_npz(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=X, y=Y)
    with pytest.raises(OptionError, match=r"labels=y.txt goes with a .npy or IDX file"):
        load(tmp_path / "d.npz", DataOptions(labels="y.txt"))
