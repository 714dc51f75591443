"""The one training loop: players take turns on each batch. It tells observers what happens and knows none of them."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from understudy.data.dataset import Batch
from understudy.data.heap import keep_memory
from understudy.errors import Diverged
from understudy.models.network import Turn
from understudy.training.session import Mover, Session
from understudy.training.validation import finite, learn_from, validate

GRADIENT_NORM = "gradient_norm"


class Observer:
    """Hears of training; overrides what it cares for. It must not change the session."""

    def on_start(self, session: Session) -> None:
        """Before the first step of this sitting."""

    def on_move(self, session: Session, turn: Turn, batch: Batch, terms: Mapping[str, Tensor]) -> None:
        """After every player's move, with its terms; must be cheap."""

    def on_step(self, session: Session) -> None:
        """After every step; must be cheap."""

    def on_event(self, event: Mapping[str, Any]) -> None:
        """A line for the run's record: a window of steps, a validation, or the end."""

    def on_end(self, session: Session) -> None:
        """After the last step of this sitting, unless it failed."""


def train(session: Session, observers: Sequence[Observer] = (), stop: Callable[[], bool] = lambda: False) -> None:
    """Train until the budget is spent, `stop()` is true, or validation says enough.

    Raises:
        Diverged: a loss, gradient norm or weight is NaN or infinite.
    """
    session.network.train()
    for observer in observers:
        observer.on_start(session)
    try:
        with session.engine.threads():
            _run(session, observers, stop)
    except Diverged as error:
        if session.window:  # what came before the break is part of the record
            _tell_window(session, observers, error.step - 1)
        raise
    for observer in observers:
        observer.on_end(session)


def _run(session: Session, observers: Sequence[Observer], stop: Callable[[], bool]) -> None:
    clock = time.perf_counter() - session.progress.seconds
    weighed = session.engine.device.type != "cpu"
    with contextlib.closing(session.stream()) as stream:  # its end waits for no read-ahead
        while not session.over and not stop():
            step(session, stream, observers)
            if not weighed:  # now it is known how much memory a step takes
                weighed = True
                keep_memory()
            session.progress.seconds = time.perf_counter() - clock
            if session.validation_due:
                _record_validation(session, observers)
                session.progress.seconds = time.perf_counter() - clock
            if session.progress.step % session.config.log_every == 0 or session.over:
                _tell_window(session, observers, session.progress.step)
            for observer in observers:
                observer.on_step(session)
    session.window.settle()
    if session.over:
        check_weights(session)


def step(session: Session, stream: Iterator[Batch], observers: Sequence[Observer] = ()) -> None:
    """One training step: each turn in order, as many times as it asks for. A turn's moves are on different batches."""
    session.set_learning_rate()
    drawn = [next(stream) for _ in range(session.batches_per_step)]
    for turn in session.turns:
        for batch in drawn[: turn.times]:
            terms = move(session, turn, session.movers[turn.player], batch)
            prefix = f"{turn.player}/" if len(session.movers) > 1 else ""
            session.window.add(session.progress.step + 1, terms, prefix)
            for observer in observers:
                observer.on_move(session, turn, batch, terms)
    if session.ema:
        session.ema.update_parameters(session.network)
    session.progress.step += 1


def move(session: Session, turn: Turn, mover: Mover, batch: Batch) -> dict[str, Tensor]:
    """One player's step along its gradient; other players get no gradient from it."""
    mover.optimizer.zero_grad(set_to_none=True)
    with session.engine.autocast():
        terms = turn.loss(batch)
    terms["loss"].backward(inputs=mover.parameters if len(session.movers) > 1 else None)
    noted = {name: value.detach() for name, value in terms.items()}
    if session.config.clip_norm is not None:
        noted[GRADIENT_NORM] = torch.nn.utils.clip_grad_norm_(mover.parameters, session.config.clip_norm)
    if session.config.clip_value is not None:
        torch.nn.utils.clip_grad_value_(mover.parameters, session.config.clip_value)
    mover.optimizer.step()
    if turn.after is not None:
        turn.after()
    return noted


def _tell_window(session: Session, observers: Sequence[Observer], step: int) -> None:
    rate = session.rate
    means = session.window.mean()
    norms = {name: means.pop(name) for name in list(means) if name.rpartition("/")[2] == GRADIENT_NORM}
    gradient = {GRADIENT_NORM: norms.get(GRADIENT_NORM, norms)} if norms else {}
    _tell(session, observers, "steps", step, {"loss": means, "learning_rate": rate, **gradient})


def _record_validation(session: Session, observers: Sequence[Observer]) -> None:
    session.window.settle()
    losses = validate(session)
    if (term := finite(losses)) is not None:
        raise Diverged(session.progress.step, f"validation {term}", losses[term])
    learn_from(session, losses.get("loss"))
    _tell(session, observers, "validation", session.progress.step, {"loss": losses})


def _tell(session: Session, observers: Sequence[Observer], name: str, step: int, what: Mapping[str, Any]) -> None:
    at = session.progress
    event = {"event": name, "step": step, "epoch": at.epoch, **what, "time": round(at.seconds, 3)}
    for observer in observers:
        observer.on_event(event)


def check_weights(session: Session) -> None:
    """Refuse weights that are NaN or infinite, which a finite loss can leave behind.

    Raises:
        Diverged: one is; it names the parameter.
    """
    for name, parameter in session.network.named_parameters():
        broken = ~torch.isfinite(parameter)
        if broken.any():
            raise Diverged(session.progress.step, f"weight {name}", parameter[broken][0].item())
