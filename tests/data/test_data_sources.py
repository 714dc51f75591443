import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from understudy.data.options import DataOptions
from understudy.data.sources import known_names, load, names
from understudy.data.spec import ImageSpec, VectorSpec
from understudy.errors import DataError, OptionError, UnknownName

REAL = os.environ.get("UNDERSTUDY_DATA", "")
needs_mnist = pytest.mark.skipif(not (Path(REAL) / "mnist").is_dir() or not REAL, reason="needs $UNDERSTUDY_DATA/mnist")


def test_listing_imports_nothing_heavy() -> None:
    code = (
        "import sys; from understudy.data.sources import known_names, names; "
        "assert tuple(it.name for it in names()) == known_names(); "
        "print([m for m in ('torch', 'sklearn', 'PIL', 'numpy') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_names_say_where() -> None:
    assert tuple(it.name for it in names()) == known_names()
    places = {it.name: it.where for it in names()}
    assert set(places.values()) == {"bundled", "will be downloaded", "not here"}
    assert places["tinyshakespeare"] == "not here"


def test_digits() -> None:
    data = load("digits")
    assert data.spec == ImageSpec(1, 8, 8, tuple("0123456789"))
    assert sum(data.sizes.values()) == 1797
    x = data.train.take(torch.arange(500)).x
    assert (x.min(), x.max()) == (0, 1)


@pytest.mark.parametrize(("name", "classes"), [("rings", 3), ("moons", 2), ("gaussians", 8)])
def test_points(name: str, classes: int) -> None:
    data = load(name)
    assert isinstance(data.spec, VectorSpec)
    assert (data.spec.features, len(data.spec.classes)) == (2, classes)
    assert sum(data.sizes.values()) == 10_000
    assert data.fingerprint == load(name).fingerprint


def test_rings_lie_where_they_say() -> None:
    data = load("rings")
    batch = data.test.take(torch.arange(len(data.test)))
    assert batch.y is not None
    radius = np.linalg.norm(data.spec.to_user(batch.x.numpy()), axis=1)
    assert np.abs(radius - batch.y.numpy() - 1).max() < 0.6


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"unknown data set 'minst'\. Did you mean 'mnist'\?"):
        load("minst")


def test_a_path_that_is_not_there_is_no_unknown_name(tmp_path: Path) -> None:
    (tmp_path / "table.npy").write_bytes(b"")
    for path in (tmp_path / "tabel.npy", tmp_path / "nowhere" / "x", Path("none.npz")):
        with pytest.raises(DataError, match="no such file"):
            load(path)
    with pytest.raises(DataError, match=r"near it in '.*': table.npy"):
        load(str(tmp_path / "tabel.npy"))
    with pytest.raises(DataError, match=r"there is no folder '.*nowhere' either"):
        load(tmp_path / "nowhere" / "x")


def test_a_kind_of_file_that_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "table.xlsx").write_text("a,b\n")
    with pytest.raises(DataError, match=r"table.xlsx': this kind of file is not known; accepted: a folder"):
        load(tmp_path / "table.xlsx")


def test_a_folder_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(root: Path) -> None:
        raise PermissionError(13, "Permission denied", str(root / "secret"))

    monkeypatch.setattr("understudy.data.folder.scan", refuse)
    with pytest.raises(DataError, match=r"cannot read '.*secret': Permission denied"):
        load(tmp_path)


def test_nothing_is_no_folder() -> None:
    with pytest.raises(UnknownName, match="unknown data set ''"):
        load("")


def test_options_that_do_not_go_with_a_name() -> None:
    with pytest.raises(OptionError, match="'digits' has labels of its own"):
        load("digits", DataOptions(labels="y.txt"))
    with pytest.raises(OptionError, match="image_size is for pictures"):
        load("rings", DataOptions(image_size=4))


@needs_mnist
def test_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_DATA", REAL)
    data = load("mnist")
    assert data.spec == ImageSpec(1, 28, 28, tuple("0123456789"))
    assert data.sizes == {"train": 54_000, "validation": 6_000, "test": 10_000}
    first = data.test.take(torch.arange(5))
    assert first.y is not None
    assert first.y.tolist() == [7, 2, 1, 0, 4]
