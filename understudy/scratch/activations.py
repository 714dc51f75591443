"""Activation functions as layers without parameters. All but softmax act on each value alone: dx = dy * f'(x)."""

import numpy as np

from understudy.scratch.layer import Array


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), without overflow for any x."""
    small = np.exp(-np.abs(x))
    y: Array = np.where(x >= 0, 1, small) / (1 + small)
    return y


class Activation:
    """A layer without parameters."""

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}


class LeakyReLU(Activation):
    """y = x where x > 0, else slope * x.

    The derivative is 1 or slope by the sign of the *input*; at 0, where there is none, we take slope. So
    dx = dy * where(x > 0, 1, slope).

    Reference: Maas et al., 2013, Rectifier Nonlinearities Improve Neural Network Acoustic Models, eq. 2.
    """

    def __init__(self, slope: float = 0.01) -> None:
        super().__init__()
        self.slope = slope

    def forward(self, x: Array) -> Array:
        """The function, value by value."""
        self.factor = np.where(x > 0, 1.0, self.slope).astype(x.dtype)
        y: Array = x * self.factor
        return y

    def backward(self, dy: Array) -> Array:
        """The gradient dx of the last `forward`."""
        dx: Array = dy * self.factor
        return dx


class ReLU(LeakyReLU):
    """y = max(x, 0): the leaky one with slope 0, so dx = dy * (x > 0)."""

    def __init__(self) -> None:
        super().__init__(slope=0.0)


class Sigmoid(Activation):
    """y = 1 / (1 + exp(-x)).

    y' = exp(-x) / (1 + exp(-x))^2 = y (1 - y), so dx = dy * y * (1 - y).
    """

    def forward(self, x: Array) -> Array:
        """The function, value by value."""
        self.y = sigmoid(x)
        return self.y

    def backward(self, dy: Array) -> Array:
        """The gradient dx of the last `forward`."""
        dx: Array = dy * self.y * (1 - self.y)
        return dx


class Tanh(Activation):
    """y = tanh(x); y' = 1 - y^2, so dx = dy * (1 - y^2)."""

    def forward(self, x: Array) -> Array:
        """The function, value by value."""
        self.y: Array = np.tanh(x)
        return self.y

    def backward(self, dy: Array) -> Array:
        """The gradient dx of the last `forward`."""
        dx: Array = dy * (1 - self.y**2)
        return dx


class Softmax(Activation):
    """y_i = exp(x_i) / sum_j exp(x_j), over the last axis.

    dy_i/dx_j = y_i (1[i = j] - y_j): every output depends on every input, so

        dx_j = sum_i dy_i y_i (1[i = j] - y_j)    dx = y * (dy - (dy * y).sum(-1))
    """

    def forward(self, x: Array) -> Array:
        """The distribution over the last axis."""
        exp = np.exp(x - x.max(-1, keepdims=True))
        y: Array = exp / exp.sum(-1, keepdims=True)
        self.y = y
        return y

    def backward(self, dy: Array) -> Array:
        """The gradient dx of the last `forward`."""
        dx: Array = self.y * (dy - (dy * self.y).sum(-1, keepdims=True))
        return dx
