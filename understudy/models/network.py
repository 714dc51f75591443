"""What a network is: players, each with parameters, who move in turns, each with a loss."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from torch import Tensor, nn

from understudy.data.dataset import Batch
from understudy.data.spec import ImageSpec, Spec, VectorSpec

Terms = dict[str, Tensor]
"""Scalars of one turn. `loss` is what the player minimises; the rest are its parts, detached or not."""


@dataclass(frozen=True)
class Turn:
    """One player's move: a loss, and a step along its gradient.

    Attributes:
        player: whose parameters move; a key of `Network.players()`.
        loss: from a batch to the turn's terms.
        times: moves of this turn in each training step (a critic may move five times), each on a batch of its own.
        after: what follows each move, such as clipping a critic's weights.
    """

    player: str
    loss: Callable[[Batch], Terms]
    times: int = 1
    after: Callable[[], None] | None = None


class Network(nn.Module, ABC):
    """Base of every network. It owns no optimizer, logger or device.

    A subclass names its options (`Config`, a frozen pydantic dataclass), the kinds of data that it accepts, whose
    arithmetic its gradients are of, and the training settings under which it reaches its figure. What else it can do,
    it says by having the methods of a protocol in `models.capabilities`.
    """

    Config: ClassVar[type]
    accepts: ClassVar[tuple[type[Spec], ...]] = (ImageSpec, VectorSpec)
    recipe: ClassVar[Mapping[str, Any]] = {}
    arithmetic: ClassVar[Literal["torch", "numpy"]] = "torch"

    def __init__(self, config: Any, spec: Spec) -> None:
        super().__init__()
        self.config, self.spec = config, spec

    @abstractmethod
    def turns(self) -> Sequence[Turn]:
        """The moves of one training step, in order."""

    def check_training(self) -> None:
        """Refuse options that training could not heed; older runs that have them are still of use.

        Raises:
            OptionError: there is one.
        """

    def players(self) -> dict[str, nn.Module]:
        """Who owns which parameters; one player who owns all of them unless the network says otherwise."""
        return {"network": self}

    def rates(self) -> Mapping[str, float]:
        """The learning rates of players that have one of their own, in the rate that was asked for."""
        return {}

    def pass_through(self, x: Tensor) -> Tensor:
        """Every layer at work once, for counting what a step costs: `forward`, where that passes all of them."""
        passed: Tensor = self(x)
        return passed

    def carried(self) -> dict[str, Tensor]:
        """What the network takes from one training batch to the next beside its weights; it is part of a checkpoint."""
        return {}

    def carry(self, carried: dict[str, Tensor]) -> None:
        """Go on from `carried`, which may be empty."""

    def validate(self, batch: Batch) -> Terms:
        """Terms on held-out data in evaluation mode; `loss` decides on early stopping and the plateau schedule.

        With several players no one loss tells how good the network is, so that there are none unless it says otherwise.
        """
        return self.turns()[0].loss(batch) if len(self.players()) == 1 else {}
