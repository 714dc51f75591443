"""A training session as the probes see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import islice
from typing import Any

import torch
from torch import Tensor

from understudy.data.batches import at_once, batches, in_order
from understudy.data.dataset import Batch, Items
from understudy.data.spec import CaptionSpec, ImageSpec, VectorSpec
from understudy.data.streaming import PictureItems
from understudy.doctor.facts import Facts
from understudy.doctor.families import families
from understudy.doctor.subject import Part, Player, Subject
from understudy.doctor.undisturbed import Snapshot, undisturbed
from understudy.models.network import Network, Turn
from understudy.training.session import Session

BATCHES = 8
HELD_OUT = 256
"""Items that probes look at together, at most."""


class LastMove:
    """Remembers a sampled step's only move, so that its loss can be taken again with the weights after it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.alone = len(session.turns) == 1 and session.turns[0].times == 1
        self._before: Snapshot | None = None
        self._move: tuple[Turn, Batch, Tensor] | None = None

    def prepare(self) -> None:
        """Before the step: take note of what its noise comes from, and of what it may change beside the weights."""
        self._before, self._move = Snapshot(self.session.network) if self.alone else None, None

    def note(self, turn: Turn, batch: Batch, loss: Tensor) -> None:
        """After a move."""
        if self._before is not None:
            self._move = turn, batch, loss

    def forget(self) -> None:
        """After the step."""
        self._before = self._move = None

    def again(self) -> tuple[Tensor, Tensor] | None:
        """The loss before and after the step, on its batch, with its noise; None for steps of several moves."""
        if self._before is None or self._move is None:
            return None
        turn, batch, loss = self._move
        with undisturbed(self.session.network, training=True):
            self._before.restore()
            with torch.enable_grad(), self.session.engine.autocast():  # a loss may itself need a gradient
                return loss, turn.loss(batch)["loss"].detach()


def subject_of(
    session: Session, name: str, config: Mapping[str, Any], last: LastMove, test: Items | None = None
) -> Subject:
    """The session's network, data and losses.

    Args:
        test: the test split, which is compared with the others before training, and never shown to the network.
    """
    network = session.network
    alone = len(network.players()) == 1
    turns = {"" if alone else turn.player: turn for turn in session.turns}

    def loss(player: str, batch: Batch) -> Tensor:
        with session.engine.autocast():
            return turns[player].loss(batch)["loss"]

    def some(count: int) -> list[Batch]:
        return list(islice(batches(session.train_items, session.config.batch, seed=session.seed, epoch=1), count))

    def validate(batch: Batch) -> Mapping[str, Tensor]:
        judged = session.judged
        assert isinstance(judged, Network)
        with session.engine.autocast():
            return judged.validate(batch)

    return Subject(
        module=network,
        players={
            "" if alone else player: Player(module, (session.movers[player].optimizer,))
            for player, module in network.players().items()
        },
        facts=facts_of(session, name, config),
        batch=lambda: some(1)[0],
        batches=lambda: some(BATCHES),
        held_out=lambda: next(iter(in_order(session.validation_items, min(HELD_OUT, at_once(network.spec)))), None),
        loss=loss,
        validate=validate,
        last=last,
        judged=session.judged,
        frozen=frozenset(name for name, weight in network.named_parameters() if not weight.requires_grad),
        parts=parts_of(session, test),
    )


def parts_of(session: Session, test: Items | None) -> Mapping[str, Callable[[int], Part]]:
    """The splits, of data whose items are of one size and were shared out by chance."""
    if not isinstance(session.network.spec, ImageSpec | VectorSpec | CaptionSpec):
        return {}
    splits = {"training": session.train_items, "validation": session.validation_items}
    return {name: partial(some_of, items) for name, items in (splits | ({"test": test} if test else {})).items()}


def some_of(items: Items, most: int) -> Part:
    """At most so many items, evenly spread; of pictures that are read from files a tenth of that."""
    most = most // 10 if isinstance(items, PictureItems) else most
    batch = items.take(torch.linspace(0, len(items) - 1, min(most, len(items))).long())
    return Part(batch.x, batch.y if batch.y is not None and batch.y.dim() == 1 else None)


def facts_of(session: Session, name: str, config: Mapping[str, Any]) -> Facts:
    """What is known before the first step."""
    network: Network = session.network
    players = tuple(network.players())
    return Facts(
        families=families(network),
        network=name,
        data=network.spec.kind,
        classes=len(network.spec.classes),
        items=len(session.train_items),
        batch=session.config.batch,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        steps=session.total_steps,
        epoch_steps=max(1, session.epoch_batches // session.batches_per_step),
        players=players if len(players) > 1 else (),
        config=dict(config),
    )
