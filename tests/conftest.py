import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: two test processes share two cores

from pathlib import Path

import hypothesis
import pytest

# No test times anything, and the same examples are tried everywhere.
hypothesis.settings.register_profile("understudy", deadline=None, derandomize=True)
hypothesis.settings.load_profile("understudy")


@pytest.fixture
def in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of the test's own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
