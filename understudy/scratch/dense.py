"""A dense layer."""

import numpy as np

from understudy.scratch.layer import Array


class Dense:
    """An affine map: y = x W + b.

    With dy = dL/dy, row by row y_nk = sum_d x_nd W_dk + b_k, so

        dL/dW_dk = sum_n x_nd dy_nk    dW = x.T @ dy
        dL/db_k  = sum_n dy_nk         db = dy.sum(0)
        dL/dx_nd = sum_k dy_nk W_dk    dx = dy @ W.T

    Shapes: (batch, inputs) -> (batch, outputs)

    Args:
        inputs: values in.
        outputs: values out.
        generator: draws the weights, uniform within sqrt(6 / (inputs + outputs)).

    Reference: Glorot and Bengio, 2010, Understanding the difficulty of training deep feedforward neural networks,
    eq. 16.
    """

    def __init__(self, inputs: int, outputs: int, generator: np.random.Generator) -> None:
        bound = np.sqrt(6 / (inputs + outputs))
        weight = generator.uniform(-bound, bound, (inputs, outputs))
        self.params: dict[str, Array] = {"W": weight, "b": np.zeros(outputs)}
        self.grads: dict[str, Array] = {}
        self.x: Array = np.empty((0, inputs))

    def forward(self, x: Array) -> Array:
        """The map of each row."""
        self.x = x
        y: Array = x @ self.params["W"] + self.params["b"]
        return y

    def backward(self, dy: Array) -> Array:
        """Gradients of the last `forward`; returns dx."""
        self.grads = {"W": self.x.T @ dy, "b": dy.sum(0)}
        dx: Array = dy @ self.params["W"].T
        return dx
