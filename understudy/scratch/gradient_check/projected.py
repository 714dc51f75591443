"""A subject whose output is summed up with random weights: for those too large for a whole Jacobian."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from understudy.scratch.gradient_check.subject import Gradients, Subject, Trial
from understudy.scratch.layer import Array

SEED = 1


class ProjectedTrial:
    """One trial of the subject behind it."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.weights: Array = np.empty(0)

    def params(self) -> dict[str, Array]:
        """The same."""
        return self.trial.params()

    def forward(self, inputs: Sequence[Array]) -> Any:
        """One number: the sum of weights * y."""
        y = np.asarray(self.trial.forward(inputs))
        self.weights = np.random.default_rng(SEED).uniform(-1.5, 1.5, y.shape).astype(y.dtype)
        return (self.weights * y).sum()

    def kept(self) -> dict[str, Array]:
        """The same."""
        return self.trial.kept()

    def replace(self, name: str, array: Array) -> None:
        """The same."""
        self.trial.replace(name, array)

    def backward(self, dy: Array) -> Gradients:
        """Of the sum."""
        return self.trial.backward(self.weights * dy)


class Projected:
    """The sum of a subject's outputs, each with a weight of its own."""

    def __init__(self, subject: Subject) -> None:
        self.subject, self.name, self.input_names = subject, subject.name, subject.input_names

    def trial(self) -> Trial:
        """One of the subject behind it."""
        return ProjectedTrial(self.subject.trial())

    def shorter(self, axis: int, size: int, count: int) -> Subject:
        """The same, shorter."""
        return Projected(self.subject.shorter(axis, size, count))
