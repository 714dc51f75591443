"""Learning-rate schedules: from the share of training that is done, in [0, 1], to the rate's factor."""

import math
from bisect import bisect_right
from collections.abc import Callable

from understudy.training.config import ScheduleName, TrainingConfig

Schedule = Callable[[float], float]

ONE_CYCLE_RISE = 0.3  # share of training in which the rate rises
ONE_CYCLE_START = 1 / 25  # as in the paper's experiments: the highest rate over 25
ONE_CYCLE_END = 1e-4


def _constant(config: TrainingConfig) -> Schedule:
    return lambda done: 1.0


def _piecewise(config: TrainingConfig) -> Schedule:
    factors = (1.0, *config.factors)
    return lambda done: factors[bisect_right(config.milestones, done)]


def _step(config: TrainingConfig) -> Schedule:
    # The sliver keeps a decay on its step: 0.3 / 0.1 is 2.9999999999999996.
    return lambda done: config.decay_factor ** math.floor(done / config.decay_every + 1e-9)


def _cosine(config: TrainingConfig) -> Schedule:
    return lambda done: 0.5 * (1 + math.cos(math.pi * done))


def _one_cycle(config: TrainingConfig) -> Schedule:
    """Smith and Topin, 2018, Super-Convergence, arXiv:1708.07120; cosine descent, momentum left alone."""

    def factor(done: float) -> float:
        if done < ONE_CYCLE_RISE:
            return ONE_CYCLE_START + (1 - ONE_CYCLE_START) * done / ONE_CYCLE_RISE
        fall = (done - ONE_CYCLE_RISE) / (1 - ONE_CYCLE_RISE)
        return ONE_CYCLE_END + (1 - ONE_CYCLE_END) * 0.5 * (1 + math.cos(math.pi * fall))

    return factor


SCHEDULES: dict[ScheduleName, Callable[[TrainingConfig], Schedule]] = {
    "constant": _constant,
    "piecewise": _piecewise,
    "step": _step,
    "cosine": _cosine,
    "one-cycle": _one_cycle,
    "plateau": _constant,  # its decays follow validation, not time: see training/validation.py
}


def schedule(config: TrainingConfig) -> Schedule:
    """The schedule that `config` names, after its warm-up."""
    base = SCHEDULES[config.schedule](config)
    if not config.warmup:
        return base
    return lambda done: base(done) * min(1.0, done / config.warmup)


class Patience:
    """Counts validations since the loss was last better.

    Attributes:
        best: the lowest loss so far.
        waited: validations since then.
    """

    def __init__(self) -> None:
        self.best, self.waited = math.inf, 0

    def better(self, loss: float) -> bool:
        """Take note of a validation loss; whether it is the lowest so far."""
        improved = loss < self.best
        self.best, self.waited = (loss, 0) if improved else (self.best, self.waited + 1)
        return improved

    def restart(self) -> None:
        """Begin counting anew, the best loss kept."""
        self.waited = 0
