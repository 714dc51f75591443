"""Backward passes written by hand, in a loop of PyTorch and in a network of NumPy."""

from typing import Any

import numpy as np

from benchmarks.clinic.fault import Fault, House, Loop
from benchmarks.clinic.loops.by_hand import FACTOR, SPREAD, WRONG
from benchmarks.clinic.recipe import Draw
from benchmarks.clinic.settings import numpy_autoencoder
from understudy.scratch import activations
from understudy.scratch.dense import Dense
from understudy.scratch.layer import Array
from understudy.training.session import Session


class OutputForInput(Dense):
    """dW is not of what went into the layer, but of its mean item."""

    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        self.grads["W"] = np.tile(self.x.mean(0), (len(self.x), 1)).T @ dy
        return dx


class BackUnturned(Dense):
    """What goes back takes the rows of W in the wrong order."""

    def backward(self, dy: Array) -> Array:
        super().backward(dy)
        dx: Array = dy @ self.params["W"][::-1].T
        return dx


class Averaged(Dense):
    """The weights' gradient is a mean over the batch, though the loss has the mean already."""

    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        self.grads["W"] = self.grads["W"] / len(dy)
        return dx


class Halved(Dense):
    """Half of it."""

    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        self.grads["W"] *= 0.5
        return dx


class OneSum(Dense):
    """Every bias gets the sum over all units."""

    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        self.grads["b"][:] = dy.sum()
        return dx


class OneItem(Dense):
    """Every item gets the mean gradient."""

    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        return np.broadcast_to(dx.mean(0), dx.shape).copy()


class SlopeOfInput(activations.Sigmoid):
    """y (1 - y) at the input."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return super().forward(x)

    def backward(self, dy: Array) -> Array:
        dx: Array = dy * self.x * (1 - self.x)
        return dx


class WithoutSlope(activations.Sigmoid):
    """The factor y (1 - y) was left out."""

    def backward(self, dy: Array) -> Array:
        return dy


def planted(*kinds: type) -> Any:
    """One of these layers in place of a right one, drawn."""

    def plant(session: Session, draw: Draw) -> None:
        kind = draw.choice(kinds)
        network: Any = session.network
        dense = issubclass(kind, Dense)
        fitting = network.output if not dense else network.decoder if kind in BACKWARD else [*network.encoder]
        layer = next(part.layer for part in fitting if isinstance(part.layer, kind.__mro__[1]))
        layer.__class__ = kind

    return plant


BACKWARD = (BackUnturned, OneItem)
"""Whose mistake is in what goes back, which the first layer's is not used for."""


def pictures(draw: Draw) -> dict[str, Any]:
    """A squared error, so that the sigmoid at the end is part of the network's way back."""
    return {"loss": "mse"}


FOUND = ("wrong-backward",)
FAULTS = (
    Fault("wrong-term", "a hand-written backward pass with a wrong term", FOUND, "structural", Loop("by_hand", WRONG)),
    Fault("wrong-term-in-numpy", "a network in NumPy, a wrong term in a layer's backward pass", FOUND, "structural",
          House(numpy_autoencoder, pictures, plant=planted(OutputForInput, BackUnturned, SlopeOfInput))),
    Fault("factor-missing", "a hand-written backward pass with a factor left out, or one too many", FOUND,
          "structural", Loop("by_hand", FACTOR)),
    Fault("factor-missing-in-numpy", "a network in NumPy, a factor left out of a layer's backward pass", FOUND,
          "structural", House(numpy_autoencoder, pictures, plant=planted(Averaged, Halved, WithoutSlope))),
    Fault("gradient-spread", "a hand-written gradient summed over too much, or spread over another shape", FOUND,
          "structural", Loop("by_hand", SPREAD)),
    Fault("gradient-spread-in-numpy", "a network in NumPy, one gradient for all units, or all items", FOUND,
          "structural", House(numpy_autoencoder, pictures, plant=planted(OneSum, OneItem))),
)  # fmt: skip
