import gzip
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from understudy.data.idx import read_idx
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.data.spec import ImageSpec
from understudy.errors import DataError, OptionError

ToIdx = Callable[[NDArray[Any]], bytes]
kinds = st.sampled_from([np.uint8, np.int8, np.int16, np.int32, np.float32, np.float64])
arrays = kinds.flatmap(lambda kind: hnp.arrays(kind, hnp.array_shapes(max_dims=4, max_side=5)))


@given(array=arrays, packed=st.booleans())
def test_round_trip(array: NDArray[Any], packed: bool) -> None:
    content = idx(array)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f"
        path.write_bytes(gzip.compress(content, mtime=0) if packed else content)
        found = read_idx(path)
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert np.array_equal(found, array, equal_nan=array.dtype.kind == "f")


def idx(array: NDArray[Any]) -> bytes:
    codes = {"uint8": 8, "int8": 9, "int16": 11, "int32": 12, "float32": 13, "float64": 14}
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return (
        bytes([0, 0, codes[array.dtype.name], array.ndim])
        + sizes
        + array.astype(array.dtype.newbyteorder(">")).tobytes()
    )


SOUND = idx(np.zeros((2, 3, 4), np.uint8))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an IDX file: it begins with nothing"),
        (b"\0\0", "not an IDX file: it begins with 00 00"),
        (b"\x89PNG....", "not an IDX file: it begins with 89 50 4e 47"),
        (b"\0\0\x07\x01\0\0\0\0", "not an IDX file"),
        (b"\0\0\x08\0", "not an IDX file"),
        (SOUND[:9], "truncated: its header should name 3 axes"),
        (SOUND[:-1], r"truncated: its header says \(2, 3, 4\), 24 bytes, but 23 follow"),
        (SOUND + b"\0", "more follows than the 24 bytes"),
        (gzip.compress(SOUND, mtime=0)[:-9], "truncated"),
        (gzip.compress(SOUND, mtime=0)[:-2] + b"xx", "damaged"),
        (b"\x1f\x8bnot gzip at all", "damaged"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "f-ubyte").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_idx(tmp_path / "f-ubyte")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read '.*none': No such file"):
        read_idx(tmp_path / "none")


@pytest.mark.parametrize("packed", [True, False])
def test_a_folder_of_four(tmp_path: Path, four_files: Callable[..., Path], packed: bool) -> None:
    data = load(four_files(tmp_path / "glyphs", packed))
    assert data.spec == ImageSpec(1, 6, 5, tuple("0123456789"))
    assert data.sizes == {"train": 36, "validation": 4, "test": 12}
    batch = data.test.take(torch.arange(12))
    assert batch.y is not None
    assert batch.y.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]


def test_a_folder_that_lacks_one(tmp_path: Path, four_files: Callable[..., Path]) -> None:
    folder = four_files(tmp_path / "glyphs")
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match="glyphs' lacks t10k-labels-idx1-ubyte"):
        load(folder)


def test_one_file_finds_its_labels(tmp_path: Path, four_files: Callable[..., Path]) -> None:
    folder = four_files(tmp_path / "glyphs")
    path = folder / "train-images-idx3-ubyte.gz"
    assert len(load(path).spec.classes) == 10
    (folder / "train-labels-idx1-ubyte.gz").unlink()
    assert load(path).spec.classes == ()
    (tmp_path / "names.txt").write_text("a\nb\n" * 20)
    assert load(path, DataOptions(labels=str(tmp_path / "names.txt"))).spec.classes == ("a", "b")


def test_labels_do_not_go_with_a_folder(tmp_path: Path, four_files: Callable[..., Path]) -> None:
    with pytest.raises(OptionError, match="is a folder, whose subfolders are the labels"):
        load(four_files(tmp_path / "glyphs"), DataOptions(labels="y.txt"))
