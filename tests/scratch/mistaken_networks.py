"""Networks and recurrent cells with one mistake each."""

from typing import Any

import numpy as np
from plain_form import Array, Plain, draw, sigmoid


class Network(Plain):
    """784-64-784 in small: x -> ReLU -> sigmoid, and the cross-entropy of the copy, all in one forward pass."""

    def __init__(self) -> None:
        super().__init__()
        shapes = {"W1": (6, 4), "b1": (4,), "W2": (4, 6), "b2": (6,)}
        self.params = {name: 0.5 * draw(*shape, seed=seed) for seed, (name, shape) in enumerate(shapes.items())}

    def example_input(self) -> Any:
        return np.random.default_rng(5).uniform(0.1, 0.9, (7, 6))

    def forward(self, x: Array) -> Any:
        p = self.params
        self.x = x
        self.z1 = x @ p["W1"] + p["b1"]
        self.h = np.maximum(self.z1, 0)
        self.y = sigmoid(self.h @ p["W2"] + p["b2"])
        return -(x * np.log(self.y) + (1 - x) * np.log(1 - self.y)).mean()

    def output_gradient(self) -> Array:
        return (self.y - self.x) / self.x.size

    def hidden_gradient(self, dh: Array) -> Array:
        return dh * (self.z1 > 0)

    def backward(self, dy: Any) -> Array:
        dz2 = self.output_gradient() * dy
        dz1 = self.hidden_gradient(dz2 @ self.params["W2"].T)
        self.grads = {"W1": self.x.T @ dz1, "b1": dz1.sum(0), "W2": self.h.T @ dz2, "b2": dz2.sum(0)}
        target = (np.log(1 - self.y) - np.log(self.y)) / self.x.size  # x is the target too
        return dz1 @ self.params["W1"].T + dy * target


class NetworkSigmoidLeftIn(Network):
    """The superfluous term that its author found by luck."""

    def output_gradient(self) -> Array:
        return super().output_gradient() * self.y * (1 - self.y)


class NetworkSum(Network):
    def output_gradient(self) -> Array:
        return self.y - self.x


class NetworkBatchOnly(Network):
    def output_gradient(self) -> Array:
        return (self.y - self.x) / len(self.x)


class NetworkReversed(Network):
    def output_gradient(self) -> Array:
        return -super().output_gradient()


class NetworkHiddenMissing(Network):
    def hidden_gradient(self, dh: Array) -> Array:
        return dh


class NetworkWrongLayer(Network):
    def backward(self, dy: Any) -> Array:
        dx = super().backward(dy)
        self.grads["W2"] = self.z1.T @ self.output_gradient() * dy
        return dx


class Recurrent(Plain):
    """h_t = tanh(x_t Wx + h_(t-1) Wh + b), (batch, time, inputs)."""

    def __init__(self) -> None:
        super().__init__()
        self.params = {"Wx": draw(3, 4, seed=1), "Wh": 0.5 * draw(4, 4, seed=2), "b": 0.1 * draw(4, seed=3)}

    def example_input(self) -> Any:
        return draw(2, 4, 3)

    def forward(self, x: Array) -> Array:
        self.x, self.states = x, [np.zeros((len(x), 4))]
        for t in range(x.shape[1]):
            drive = x[:, t] @ self.params["Wx"] + self.params["b"]
            self.states.append(np.tanh(drive + self.states[-1] @ self.params["Wh"]))
        return np.stack(self.states[1:], 1)

    def carried(self, dz: Array) -> Array:
        return dz @ self.params["Wh"].T

    def before(self, t: int) -> Array:
        return self.states[t]

    def slope(self, t: int) -> Array:
        return 1 - self.states[t + 1] ** 2

    def collect(self, name: str, share: Array) -> None:
        self.grads[name] = self.grads[name] + share

    def backward(self, dy: Array) -> Array:
        self.grads = {name: np.zeros_like(array) for name, array in self.params.items()}
        dx, carried = np.zeros_like(self.x), np.zeros_like(self.states[0])
        for t in reversed(range(self.x.shape[1])):
            dz = (dy[:, t] + carried) * self.slope(t)
            self.collect("Wx", self.x[:, t].T @ dz)
            self.collect("Wh", self.before(t).T @ dz)
            self.collect("b", dz.sum(0))
            dx[:, t] = dz @ self.params["Wx"].T
            carried = self.carried(dz)
        return dx


class RecurrentUntransposed(Recurrent):
    def carried(self, dz: Array) -> Array:
        return dz @ self.params["Wh"]


class RecurrentNotCarried(Recurrent):
    def carried(self, dz: Array) -> Array:
        return 0 * dz


class RecurrentOwnState(Recurrent):
    def before(self, t: int) -> Array:
        return self.states[t + 1]


class RecurrentWithoutSlope(Recurrent):
    def slope(self, t: int) -> Array:
        return 1.0


class RecurrentOverwritten(Recurrent):
    def collect(self, name: str, share: Array) -> None:
        self.grads[name] = share


class StaleStates(Recurrent):
    """The list of states is never cleared."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[Array] = []

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        self.all += self.states
        return y

    def slope(self, t: int) -> Array:
        return 1 - self.all[t + 1] ** 2


class NetworkMaskOfGradient(Network):
    def hidden_gradient(self, dh: Array) -> Array:
        return dh * (dh > 0)


class NetworkRecomputing(Network):
    def backward(self, dy: Any) -> Array:
        dx, p = super().backward(dy), self.params
        self.grads["W2"] = (self.x @ p["W1"] + p["b1"]).T @ self.output_gradient()
        return dx


class NetworkWithTarget(Network):
    """Its target is its own, and of one size."""

    def __init__(self) -> None:
        super().__init__()
        self.t = np.random.default_rng(6).uniform(0.1, 0.9, (7, 6))

    def forward(self, x: Array) -> Any:
        super().forward(x)
        return -(self.t * np.log(self.y) + (1 - self.t) * np.log(1 - self.y)).mean()

    def output_gradient(self) -> Array:
        return (self.y - self.t) / self.t.size * self.y * (1 - self.y)


class RecurrentCarriedWithoutSlope(Recurrent):
    def backward(self, dy: Array) -> Array:
        self.t = self.x.shape[1]
        return super().backward(dy)

    def carried(self, dz: Array) -> Array:
        self.t -= 1
        return (dz / self.slope(self.t)) @ self.params["Wh"].T


class RecurrentReversed(Recurrent):
    def carried(self, dz: Array) -> Array:
        return -dz @ self.params["Wh"].T


class RecurrentSigmoid(Recurrent):
    def slope(self, t: int) -> Array:
        return self.states[t + 1] * (1 - self.states[t + 1])


class RecurrentBiasOverwritten(Recurrent):
    def collect(self, name: str, share: Array) -> None:
        self.grads[name] = share if name == "b" else self.grads[name] + share
