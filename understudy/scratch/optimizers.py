"""Optimizers that change `params` in place by `grads`. The rate is an attribute, so that a schedule may set it."""

from collections.abc import Mapping

import numpy as np

from understudy.scratch.layer import Array


class SGD:
    """Gradient descent with momentum m (0: plain): v <- m v + g, p <- p - rate v.

    Reference: Sutskever et al., 2013, On the importance of initialization and momentum in deep learning; their v holds
    the rate, ours does not, as in PyTorch.
    """

    def __init__(self, rate: float, momentum: float = 0.0) -> None:
        self.rate, self.momentum = rate, momentum
        self.velocity: dict[str, Array] = {}

    def step(self, params: Mapping[str, Array], grads: Mapping[str, Array]) -> None:
        """One step."""
        for name, p in params.items():
            v = self.velocity.setdefault(name, np.zeros_like(p))
            v *= self.momentum
            v += grads[name]
            p -= self.rate * v


class Adagrad:
    """s <- s + g^2, p <- p - rate g / (sqrt(s) + epsilon), with s = start at first.

    From start = 0 the first step moves every weight by the rate, whatever its gradient.

    Reference: Duchi, Hazan and Singer, 2011, Adaptive Subgradient Methods, section 1.1, diagonal form.
    """

    def __init__(self, rate: float = 0.01, epsilon: float = 1e-10, start: float = 0.0) -> None:
        self.rate, self.epsilon, self.start = rate, epsilon, start
        self.squares: dict[str, Array] = {}

    def step(self, params: Mapping[str, Array], grads: Mapping[str, Array]) -> None:
        """One step."""
        for name, p in params.items():
            s = self.squares.setdefault(name, np.full_like(p, self.start))
            s += grads[name] ** 2
            p -= self.rate * grads[name] / (np.sqrt(s) + self.epsilon)


class Adam:
    """m and s: running means of g and g^2, each divided by its bias 1 - beta^t; p <- p - rate m / (sqrt(s) + epsilon).

    Reference: Kingma and Ba, 2015, Adam, arXiv:1412.6980, algorithm 1.
    """

    def __init__(self, rate: float = 0.001, betas: tuple[float, float] = (0.9, 0.999), epsilon: float = 1e-8) -> None:
        self.rate, self.betas, self.epsilon = rate, betas, epsilon
        self.steps = 0
        self.means: dict[str, Array] = {}
        self.squares: dict[str, Array] = {}

    def step(self, params: Mapping[str, Array], grads: Mapping[str, Array]) -> None:
        """One step."""
        self.steps += 1
        first, second = (1 - beta**self.steps for beta in self.betas)
        for name, p in params.items():
            g = grads[name]
            m, s = (kept.setdefault(name, np.zeros_like(p)) for kept in (self.means, self.squares))
            m += (1 - self.betas[0]) * (g - m)
            s += (1 - self.betas[1]) * (g**2 - s)
            p -= self.rate * (m / first) / (np.sqrt(s / second) + self.epsilon)
