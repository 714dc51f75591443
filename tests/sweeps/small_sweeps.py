"""Sweeps of a network that is known, for tests."""

from typing import Any, ClassVar

from made import Duel, ToyConfig

import understudy as us
from understudy.data.spec import Spec


class OwnDuel(Duel):
    """Two players and options."""

    Config: ClassVar[type] = ToyConfig
    recipe: ClassVar[dict[str, Any]] = {"steps": 2}

    def __init__(self, config: ToyConfig, spec: Spec) -> None:
        super().__init__()
        self.config, self.spec = config, spec


def toys(**request: Any) -> us.Sweep:
    """After n steps of rate r the toy's copies err by n * r."""
    return us.sweep("toy", "rows.npy", **{"budget": "4steps", "by": "mse", "quiet": True, **request})
