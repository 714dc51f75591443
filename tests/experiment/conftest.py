"""What tests of experiments begin with."""

from pathlib import Path

import numpy as np
import pytest
from made import POINTS, items_of
from numpy.typing import NDArray

from understudy import models
from understudy.models import Entry


@pytest.fixture(autouse=True)
def toy(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(models.TABLE, "toy", Entry("made:Toy", "a toy"))


@pytest.fixture
def array() -> NDArray[np.float32]:
    return items_of(POINTS, 90).numpy()  # 65 to train, 7 to validate, 18 to test


@pytest.fixture
def file(array: NDArray[np.float32]) -> Path:
    np.save("rows.npy", array)
    return Path("rows.npy")
