"""Can one batch be learnt by heart? A network that cannot do that can learn nothing."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import repeat

import torch

from understudy.data.dataset import Batch
from understudy.doctor.signals import Row, Signals
from understudy.doctor.skill import skill
from understudy.doctor.undisturbed import undisturbed
from understudy.errors import OptionError
from understudy.models.capabilities import HasPosterior, KnowsConstant
from understudy.training.config import TrainingConfig
from understudy.training.loop import step
from understudy.training.session import Session

SKILL = "one_batch_skill"
ITEMS, STEPS = 16, 300
LONGEST = 20.0
"""Seconds after which it is judged by what was learnt by then."""


def alone(training: TrainingConfig) -> TrainingConfig:
    """A run's settings for one small batch: its own optimizer and rate, all the time."""
    few = replace(training, batch=min(ITEMS, training.batch), steps=STEPS, epochs=None, minutes=None)
    return replace(few, schedule="constant", warmup=0.0, ema=None, early_stopping=None)


def learn(session: Session) -> list[Row]:
    """Train on the first batch alone: rows of `one_batch_skill`, of the batch in evaluation mode, at powers of 2.

    Args:
        session: before its first step, with settings as of `alone`; of no use afterwards.

    Raises:
        OptionError: nothing tells how much of a batch such a network has learnt; of one with a posterior the KL term
            holds it back, as it should.
    """
    network = session.network
    if not isinstance(network, KnowsConstant) or isinstance(network, HasPosterior):
        raise OptionError(f"nothing tells how much of a batch a {type(network).__name__} has learnt by heart")
    batch = next(session.stream())
    rows: list[Row] = [(0, "constant", term, value) for term, value in network.constant_terms([batch]).items()]
    rows += _terms(session, batch, 0)
    rows += [(0, "first_loss", "", value) for _, name, _, value in rows if name == "one_batch/loss"]
    network.train()
    began = time.perf_counter()
    for number in range(1, STEPS + 1):
        step(session, repeat(batch))
        late = number == STEPS or time.perf_counter() - began > LONGEST
        if late or number & (number - 1) == 0:
            rows += _terms(session, batch, number)
        if late:
            break
    return [(at, SKILL, "", value) for at, value in skill(Signals.gather(rows), "one_batch")]


def _terms(session: Session, batch: Batch, at: int) -> list[Row]:
    """What validation would say of the batch."""
    with undisturbed(session.network, training=False), torch.no_grad(), session.engine.autocast():
        terms = session.network.validate(batch)
    return [(at, f"one_batch/{name}", "", value.item()) for name, value in terms.items()]
