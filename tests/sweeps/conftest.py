"""What tests of sweeps begin with."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made import POINTS, items_of

import understudy as us
from understudy import models
from understudy.models import Entry
from understudy.sweeps import cell as cells


@pytest.fixture
def rows(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of rows, and networks that have names."""
    monkeypatch.setitem(models.TABLE, "toy", Entry("made:Toy", "a toy"))
    monkeypatch.setitem(models.TABLE, "duel", Entry("small_sweeps:OwnDuel", "two players"))
    np.save("rows.npy", items_of(POINTS, 90).numpy())


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders of the cells that begin to train from now on."""
    seen: list[str] = []
    real = cells.train

    def note(**request: Any) -> us.Run:
        seen.append("/".join(request["out"].parts[-2:]))
        return real(**request)

    monkeypatch.setattr(cells, "train", note)
    return seen


# The table
