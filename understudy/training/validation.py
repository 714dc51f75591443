"""The loss on the validation split, and what follows from it."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from understudy.data.batches import at_once, in_order
from understudy.errors import OptionError
from understudy.models.network import Network
from understudy.training.session import Session


@contextmanager
def undisturbed(session: Session) -> Iterator[Network]:
    """The judged network, to be looked at without gradients; training goes on as if nobody had looked."""
    network = session.judged
    assert isinstance(network, Network)
    carried = network.carried()
    network.eval()
    device = session.engine.device
    with torch.random.fork_rng([device] if device.type == "cuda" else []), torch.no_grad():
        torch.manual_seed(session.seed)
        yield network
    network.train()
    network.carry(carried)


def validate(session: Session) -> dict[str, float]:
    """Terms over the whole validation split, each a mean over items. Training's randomness is left as it was."""
    sums: dict[str, float] = {}
    count = 0
    with undisturbed(session) as network:
        for batch in in_order(session.validation_items, at_once(network.spec)):
            with session.engine.autocast():
                terms = network.validate(batch)
            for name, value in terms.items():
                sums[name] = sums.get(name, 0.0) + value.item() * len(batch)
            count += len(batch)
    return {name: total / count for name, total in sums.items()}


def learn_from(session: Session, loss: float | None) -> None:
    """Apply what the config makes of a validation loss: keep the best weights, decay the rate, stop early.

    Raises:
        OptionError: the network has no such loss, and an option needs one.
    """
    config = session.config
    session.progress.validated = session.progress.step
    if loss is None:
        if config.early_stopping is not None or config.schedule == "plateau":
            raise OptionError("early_stopping and schedule=plateau need a validation loss; this network has none")
        return
    if config.schedule == "plateau" and not session.plateau.better(loss) and session.plateau.waited >= config.patience:
        session.rate_factor *= config.decay_factor
        session.plateau.restart()
    if config.early_stopping is None:
        return
    if session.patience.better(loss):
        session.keep_best()
    elif session.patience.waited >= config.early_stopping:
        session.progress.stopped = (
            f"no better validation loss than {session.patience.best:.6g} in {config.early_stopping} validations"
        )


def finite(values: dict[str, float]) -> str | None:
    """The first term that is NaN or infinite, if any."""
    return next((name for name, value in values.items() if not math.isfinite(value)), None)
