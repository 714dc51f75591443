import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: two test processes share two cores

from pathlib import Path
from typing import Any

import hypothesis
import pytest

import understudy as us
from understudy.sweeps import cell as cells

# No test times anything, and the same examples are tried everywhere.
hypothesis.settings.register_profile("understudy", deadline=None, derandomize=True)
hypothesis.settings.load_profile("understudy")


@pytest.fixture
def in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of the test's own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders of the cells of a sweep or a fix that begin to train from now on."""
    seen: list[str] = []
    real = cells.train

    def note(**request: Any) -> us.Run:
        seen.append("/".join(request["out"].parts[-2:]))
        return real(**request)

    monkeypatch.setattr(cells, "train", note)
    return seen
