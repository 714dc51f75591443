import gzip
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

CODES = {"uint8": 0x08, "int8": 0x09, "int16": 0x0B, "int32": 0x0C, "float32": 0x0D, "float64": 0x0E}


def idx_bytes(array: NDArray[Any]) -> bytes:
    """The IDX file of an array."""
    header = struct.pack(f">HBB{array.ndim}I", 0, CODES[array.dtype.name], array.ndim, *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.fixture
def to_idx() -> Callable[[NDArray[Any]], bytes]:
    return idx_bytes


@pytest.fixture(autouse=True)
def own_places(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees, or writes to, the machine's own data folders; returns the cache's root."""
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.delenv("UNDERSTUDY_DATA", raising=False)
    return cache


@pytest.fixture
def four_files() -> Callable[..., Path]:
    """A function that writes MNIST's layout: 40 training and 12 test pictures of 6x5 with labels 0 to 9."""

    def write(folder: Path, packed: bool = True) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        draw = np.random.default_rng(0)
        for part, count in (("train", 40), ("t10k", 12)):
            pictures = draw.integers(0, 256, (count, 6, 5), dtype=np.uint8)
            labels = (np.arange(count) % 10).astype(np.uint8)
            for name, array in ((f"{part}-images-idx3-ubyte", pictures), (f"{part}-labels-idx1-ubyte", labels)):
                content = gzip.compress(idx_bytes(array)) if packed else idx_bytes(array)
                (folder / (f"{name}.gz" if packed else name)).write_bytes(content)
        return folder

    return write


@pytest.fixture
def pictures() -> Callable[..., Path]:
    """A function that writes `count` noise pictures into a folder and returns the folder."""

    def write(
        folder: Path, count: int = 4, size: tuple[int, int] = (6, 5), mode: str = "RGB", suffix: str = ".png"
    ) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        draw = np.random.default_rng(count)
        for number in range(count):
            shape = (size[1], size[0], 3) if mode == "RGB" else (size[1], size[0])
            picture = Image.fromarray(draw.integers(0, 256, shape, dtype=np.uint8))
            picture.save(folder / f"{number:04}{suffix}")
        return folder

    return write
