"""The plain form, for planted mistakes."""

from typing import Any

import numpy as np

Array = Any


def draw(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(size=shape)


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


class Plain:
    """The plain form; `step_back` is the backward pass that a mistake replaces."""

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}

    def example_input(self) -> Any:
        return draw(5, 3)
