"""Are there layers whose units are copies of each other, and get the same gradient?"""

from __future__ import annotations

from torch import Tensor

from understudy.doctor.structure.rows import duplicate_share, matrices, symmetric_share
from understudy.doctor.watch.scene import Scene
from understudy.doctor.watch.senses.sense import Sense

ROUNDS = 4
"""Rounds in which it is asked: what is equal by chance is not for long."""
MOST = 256
"""Rows of a layer that are compared."""


class Units(Sense):
    """Yields, by weight, `duplicate_rows` and `symmetric_rows`, the share of rows that have an equal gradient too."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._suspects: dict[str, Tensor] | None = None

    def before_step(self, player: str) -> None:
        """Every weight in the first round, the suspects in the next ones."""
        if self.notes.round > ROUNDS:
            return
        mine = {id(weight) for weight in self.scene.moved_by(player)}
        for name, weight in self._asked().items():
            if id(weight) in mine:
                self._compare(name, weight)

    def _asked(self) -> dict[str, Tensor]:
        if self._suspects is None:
            self._suspects = {
                ".".join(filter(None, (network, name))): weight
                for network, module in self.scene.modules.items()
                for name, weight in matrices(module).items()
            }
        return dict(self._suspects)

    def _compare(self, name: str, weight: Tensor) -> None:
        rows = weight.detach()[:: -(-len(weight) // MOST)]
        share = duplicate_share(rows)
        self.notes.take("duplicate_rows", share, name)
        if share > 0.5 and weight.grad is not None and not weight.grad.is_sparse:
            gradient = weight.grad.detach()[:: -(-len(weight) // MOST)]
            self.notes.take("symmetric_rows", symmetric_share(rows, gradient), name)
        else:
            self.notes.take("symmetric_rows", 0.0, name)
            assert self._suspects is not None
            self._suspects.pop(name, None)
