import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: two test processes share two cores

from pathlib import Path

import pytest
import torch

from understudy.data.dataset import Batch
from understudy.data.spec import ImageSpec, Spec, VectorSpec

SPECS: dict[str, Spec] = {
    "grey 1x8x8": ImageSpec(1, 8, 8, tuple("0123456789")),
    "odd 1x7x5": ImageSpec(1, 7, 5),
    "grey 1x28x28": ImageSpec(1, 28, 28),
    "colour 3x32x32": ImageSpec(3, 32, 32),
    "rows of 40": VectorSpec(40, (0.0,) * 40, (1.0,) * 40),
    "points": VectorSpec(2, (0.5, -1.0), (2.0, 3.0)),
}


def items_of(spec: Spec, count: int, seed: int = 0) -> torch.Tensor:
    """Items with structure, so that a network can learn them: (count, *spec.shape)."""
    generator = torch.Generator().manual_seed(seed)
    basis = torch.randn(3, spec.size, generator=generator)
    rows = torch.randn(count, 3, generator=generator) @ basis
    rows = torch.sigmoid(2 * rows) if isinstance(spec, ImageSpec) else rows / 2
    return rows.reshape(count, *spec.shape)


def batch_of(spec: Spec, count: int = 32, seed: int = 0) -> Batch:
    return Batch(items_of(spec, count, seed), torch.arange(count) % 10)


@pytest.fixture
def in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of the test's own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
