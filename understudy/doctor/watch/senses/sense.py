"""What a sense is. It changes nothing: not a weight, a gradient, a mode, or the state of a generator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from torch import Tensor, nn

from understudy.doctor.structure.graph import Graph
from understudy.doctor.watch.lines import Line
from understudy.doctor.watch.scene import Scene


@dataclass(frozen=True)
class Backward:
    """A call of `backward`.

    Attributes:
        line, graph: where, and of the loss; None in a round that is not looked at.
    """

    roots: Sequence[Tensor]
    line: Line | None
    graph: Graph | None


@dataclass(frozen=True)
class Call:
    """A call of a torch function.

    Attributes:
        name: such as `cross_entropy`, `log`, `detach`; that of a property, such as `data`, too.
        result: None before the function is called.
    """

    name: str
    function: Any
    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    result: Any
    line: Line | None

    def argument(self, place: int, name: str, default: Any = None) -> Any:
        """An argument, by its place or its name."""
        return self.args[place] if len(self.args) > place else self.kwargs.get(name, default)


@dataclass(frozen=True)
class Question:
    """A call of a watched network."""

    network: str
    module: nn.Module
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    @property
    def tensors(self) -> list[Tensor]:
        """What it is given."""
        return [one for one in (*self.args, *self.kwargs.values()) if isinstance(one, Tensor)]


@dataclass(frozen=True)
class Pass:
    """Data on their way through a layer."""

    place: str
    layer: nn.Module
    inputs: Sequence[Any]
    output: Any
    line: Line | None


class Sense:
    """Base of all senses; one overrides what it listens to. One that raises is not told anything any more.

    Attributes:
        always: whether it hears of backward passes, steps and networks' inputs in every round; must be cheap then.
        sampled: whether it hears all in rounds that probes sample, too.
    """

    always: ClassVar[bool] = False
    sampled: ClassVar[bool] = False

    def __init__(self, scene: Scene) -> None:
        self.scene, self.notes = scene, scene.notes

    def begins(self) -> None:
        """Before the loop."""

    def look_begins(self) -> None:
        """Rounds that are looked at begin; there was none just before."""

    def enters(self, question: Question) -> None:
        """A network is called."""

    def answers(self, network: str, output: Any) -> None:
        """A network has answered; only in rounds that are looked at."""

    def before_backward(self, event: Backward) -> None:
        """A loss is about to be differentiated."""

    def after_backward(self, event: Backward) -> None:
        """It has been."""

    def before_step(self, player: str) -> None:
        """An optimizer is about to move its parameters."""

    def after_step(self, player: str) -> None:
        """It has."""

    def before_call(self, call: Call) -> None:
        """A torch function is about to be called."""

    def after_call(self, call: Call) -> None:
        """It has been."""

    def passed(self, event: Pass) -> None:
        """Data have passed a layer that has parameters of its own."""

    def round_ends(self) -> None:
        """Every optimizer has made a step."""

    def ends(self) -> None:
        """The loop is over."""
