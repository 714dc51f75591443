"""What tests of sweeps begin with."""

from pathlib import Path

import numpy as np
import pytest
from made import POINTS, items_of

from understudy import models
from understudy.models import Entry


@pytest.fixture
def rows(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of rows, and networks that have names."""
    monkeypatch.setitem(models.TABLE, "toy", Entry("made:Toy", "a toy"))
    monkeypatch.setitem(models.TABLE, "duel", Entry("small_sweeps:OwnDuel", "two players"))
    np.save("rows.npy", items_of(POINTS, 90).numpy())
