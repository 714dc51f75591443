"""Right backward passes that a careless checker would accuse."""

from typing import Any

import numpy as np
from mistaken_networks import Recurrent
from plain_form import Array, Plain, draw


class Carrying(Recurrent):
    """Begins where the last call ended: a forward pass that depends on the calls before it."""

    def __init__(self) -> None:
        super().__init__()
        self.last = np.zeros((2, 4))

    def forward(self, x: Array) -> Array:
        self.x, self.states = x, [self.last]
        for t in range(x.shape[1]):
            drive = x[:, t] @ self.params["Wx"] + self.params["b"]
            self.states.append(np.tanh(drive + self.states[-1] @ self.params["Wh"]))
        self.last = self.states[-1]
        return np.stack(self.states[1:], 1)


class BatchNorm(Plain):
    def forward(self, x: Array) -> Array:
        self.deviation = np.sqrt(x.var(0) + 1e-5)
        self.normal = (x - x.mean(0)) / self.deviation
        return self.normal

    def backward(self, dy: Array) -> Array:
        return (dy - dy.mean(0) - self.normal * (dy * self.normal).mean(0)) / self.deviation


class MaxPool(Plain):
    """The largest of each pair; ties at zeros."""

    def example_input(self) -> Any:
        return np.maximum(draw(4, 6), 0)

    def forward(self, x: Array) -> Array:
        self.shape, pairs = x.shape, x.reshape(len(x), -1, 2)
        self.first = pairs[..., 0] >= pairs[..., 1]
        return pairs.max(-1)

    def backward(self, dy: Array) -> Array:
        return np.stack([dy * self.first, dy * ~self.first], -1).reshape(self.shape)


class Convolution(Plain):
    """One channel, (batch, height, width), in loops."""

    def __init__(self) -> None:
        super().__init__()
        self.params = {"kernel": draw(3, 3, seed=1), "bias": np.zeros(())}

    def example_input(self) -> Any:
        return draw(2, 5, 6)

    def windows(self) -> Any:
        height, width = self.x.shape[1] - 2, self.x.shape[2] - 2
        return (((i, j), np.s_[:, i : i + height, j : j + width]) for i in range(3) for j in range(3))

    def forward(self, x: Array) -> Array:
        self.x = x
        return sum(self.params["kernel"][at] * x[window] for at, window in self.windows()) + self.params["bias"]

    def backward(self, dy: Array) -> Array:
        dx, kernel = np.zeros_like(self.x), np.zeros((3, 3))
        for at, window in self.windows():
            kernel[at] = (dy * self.x[window]).sum()
            dx[window] += dy * self.params["kernel"][at]
        self.grads = {"kernel": kernel, "bias": dy.sum()}
        return dx


class Embedding(Plain):
    def __init__(self) -> None:
        super().__init__()
        self.params = {"table": draw(6, 3)}

    def example_input(self) -> Any:
        return np.array([[0, 2, 2], [5, 0, 1]])

    def forward(self, x: Array) -> Array:
        self.x = x
        return self.params["table"][x]

    def backward(self, dy: Array) -> None:
        self.grads = {"table": np.zeros((6, 3))}
        np.add.at(self.grads["table"], self.x, dy)


class Dropout(Plain):
    """With a generator of its own, so that a copy draws the same."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = np.random.default_rng(0)

    def forward(self, x: Array) -> Array:
        self.mask = (self.generator.random(x.shape) > 0.5) * 2.0
        return x * self.mask

    def backward(self, dy: Array) -> Array:
        return dy * self.mask


class Swish(Plain):
    def forward(self, x: Array) -> Array:
        self.x, self.s = x, 1 / (1 + np.exp(-x))
        return x * self.s

    def backward(self, dy: Array) -> Array:
        dy *= self.s + self.x * self.s * (1 - self.s)  # in place: dy is its own
        return dy


class AbsoluteError(Plain):
    """Zero error in a third of the entries: its kink."""

    def example_input(self) -> Any:
        return np.round(draw(6, 4)), np.zeros((6, 4))

    def forward(self, p: Array, t: Array) -> Any:
        self.sign = np.sign(p - t) / p.size
        return np.abs(p - t).mean()

    def backward(self) -> Array:
        return self.sign


class Attention(Plain):
    def __init__(self) -> None:
        super().__init__()
        self.params = {"q": draw(3, 3, seed=1), "k": draw(3, 3, seed=2), "v": draw(3, 3, seed=3)}

    def example_input(self) -> Any:
        return draw(2, 4, 3)

    def forward(self, x: Array) -> Array:
        self.x = x
        self.q, self.k, self.v = (x @ self.params[name] for name in "qkv")
        exp = np.exp(self.q @ self.k.swapaxes(1, 2))
        self.a = exp / exp.sum(-1, keepdims=True)
        return self.a @ self.v

    def backward(self, dy: Array) -> Array:
        da = dy @ self.v.swapaxes(1, 2)
        ds = self.a * (da - (da * self.a).sum(-1, keepdims=True))
        parts = {"q": ds @ self.k, "k": ds.swapaxes(1, 2) @ self.q, "v": self.a.swapaxes(1, 2) @ dy}
        self.grads = {name: np.einsum("nti,ntj->ij", self.x, part) for name, part in parts.items()}
        return sum(part @ self.params[name].T for name, part in parts.items())


class WholeNumbers(Plain):
    def example_input(self) -> Any:
        return np.arange(12).reshape(3, 4)

    def forward(self, x: Array) -> Array:
        self.x = x
        return x**2 / 7

    def backward(self, dy: Array) -> Array:
        return dy * 2 * self.x / 7


class Half(Plain):
    """Everything in float32, whatever comes in."""

    def __init__(self) -> None:
        super().__init__()
        self.params = {"W": draw(3, 4, seed=1).astype(np.float32)}

    def forward(self, x: Array) -> Array:
        self.x = x.astype(np.float32)
        self.y = np.tanh(self.x @ self.params["W"].astype(np.float32))
        return self.y

    def backward(self, dy: Array) -> Array:
        dz = (dy * (1 - self.y**2)).astype(np.float32)
        self.grads = {"W": self.x.T @ dz}
        return dz @ self.params["W"].T


class Scalar(Plain):
    """One number for a parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.params = {"slope": 0.25}

    def forward(self, x: Array) -> Array:
        self.x = x
        return np.where(x > 0, x, self.params["slope"] * x)

    def backward(self, dy: Array) -> Array:
        self.grads = {"slope": (dy * self.x * (self.x <= 0)).sum()}
        return dy * np.where(self.x > 0, 1, self.params["slope"])


RIGHT = (Carrying, BatchNorm, MaxPool, Convolution, Embedding, Dropout, Swish, AbsoluteError, Attention)
RIGHT += (WholeNumbers, Half, Scalar)
