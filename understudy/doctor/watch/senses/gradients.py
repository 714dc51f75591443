"""Whose gradient an optimizer steps along: of this step's losses, of older ones, of another player's, or of none."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from understudy.doctor.watch.lines import Line, their_line
from understudy.doctor.watch.scene import Scene
from understudy.doctor.watch.senses.sense import Backward, Sense

FEW = 6
"""Parameters of an optimizer that are asked whether they have a gradient from before."""


@dataclass
class Arrival:
    """A backward pass that reached an optimizer's parameters.

    Attributes:
        reached: the optimizers whose parameters it reached.
        stepped: the optimizers that have moved since.
    """

    line: Line | None
    reached: set[str]
    stepped: set[str] = field(default_factory=set)


@dataclass
class Account:
    """What is known of an optimizer's gradients.

    Attributes:
        known: whether it has been followed since its last step.
        cleared: whether the gradient was nothing or 0 at some time since then.
        had: whether a backward pass left one that was not 0.
        first: the line of the first backward pass since then.
        since_clear: what arrived since it was last cleared.
    """

    known: bool = False
    cleared: bool = False
    had: bool = False
    first: Line | None = None
    backwards: int = 0
    since_clear: list[Arrival] = field(default_factory=list)
    since_step: list[Arrival] = field(default_factory=list)


class Gradients(Sense):
    """Yields of each optimizer, for each of its steps, 1 where it is so and else 0.

    `gradient_left`: it began with the gradient of the step before, which was never cleared.
    `gradient_lost`: what backward brought was gone when the step was made.
    `gradient_none`: no backward pass reached its parameters.
    `gradient_foreign`: it stepped along a loss that another optimizer had stepped along before, beside its own.
    """

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._accounts = {player: Account() for player in scene.optimizers}

    def look_begins(self) -> None:
        """What happened in between was not seen."""
        self._accounts = {player: Account() for player in self.scene.optimizers}

    def before_backward(self, event: Backward) -> None:
        """See which gradients have been cleared, and what this pass will reach."""
        assert event.graph is not None
        reached = {
            player for leaf in event.graph.leaves for player in self.scene.movers.get(leaf, ())
        }  # the graph names its leaves by identity, as the scene does
        arrival = Arrival(event.line, reached)
        for player, account in self._accounts.items():
            if not self._has(player):
                account.cleared = True
                account.since_clear.clear()
            if account.backwards == 0:
                account.first = event.line
            account.backwards += 1
            if player in reached or not event.graph.whole:
                account.since_clear.append(arrival)
                account.since_step.append(arrival)

    def after_backward(self, event: Backward) -> None:
        """See whether anything came."""
        for player, account in self._accounts.items():
            account.had = account.had or (bool(account.since_step) and self._has(player))

    def before_step(self, player: str) -> None:
        """Judge what it steps along."""
        account, line = self._accounts[player], their_line()
        if account.backwards == 0:
            return  # a closure, whose backward passes come within the step
        have = _has_gradient(self.scene.moved_by(player))
        if account.known:
            self.notes.take("gradient_left", not account.cleared, player, account.first)
        self.notes.take("gradient_none", not account.since_step and not have, player, line)
        self.notes.take("gradient_lost", account.had and not have, player, line)
        foreign = _foreign(player, account) if account.cleared else None
        self.notes.take("gradient_foreign", foreign is not None, player, foreign.line if foreign else None)

    def after_step(self, player: str) -> None:
        """A new account; what arrived may still be in the gradient."""
        arrivals = self._accounts[player].since_clear
        self._accounts[player] = Account(known=True, since_clear=arrivals)
        for account in self._accounts.values():
            for arrival in account.since_clear:
                arrival.stepped.add(player)

    def _has(self, player: str) -> bool:
        """Whether some of its parameters have a gradient that is not 0."""
        weights = self.scene.moved_by(player)
        return _has_gradient(weights[:: max(1, len(weights) // FEW)])


def _foreign(player: str, account: Account) -> Arrival | None:
    """A pass whose gradient another optimizer used before, while a later pass brought this one its own."""
    for number, arrival in enumerate(account.since_clear[:-1]):
        others = arrival.reached & arrival.stepped - {player}
        later = account.since_clear[number + 1 :]
        if others and any(not others <= one.stepped for one in later):
            return arrival
    return None


def _has_gradient(weights: list[Tensor]) -> bool:
    """Whether any of them has a gradient that is not 0."""
    with torch.no_grad():
        return any(weight.grad is not None and _any(weight.grad) for weight in weights)


def _any(gradient: Tensor) -> bool:
    return bool((gradient.coalesce().values() if gradient.is_sparse else gradient).any())
