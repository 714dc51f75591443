"""Losses: one number from predictions p and targets t, the mean over all entries unless they say otherwise.

A loss has no parameters: `forward(p, t)` returns the number, `backward(dy)` returns dp = dy * dL/dp.
"""

import numpy as np

from understudy.scratch.activations import sigmoid
from understudy.scratch.layer import Array

SMALLEST_LOG = -100.0  # a probability of exactly 0 costs 100 nats, as in PyTorch, not infinity


class Loss:
    """Keeps the gradient of the last `forward`."""

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self.dp: Array = np.empty(0)

    def backward(self, dy: float = 1.0) -> Array:
        """The gradient dp of the last `forward`."""
        return dy * self.dp


class MeanSquaredError(Loss):
    """L = mean (p - t)^2, over N rows of D values, so dp = 2 (p - t) / (N D)."""

    def forward(self, p: Array, t: Array) -> float:
        """The loss."""
        self.dp = 2 * (p - t) / p.size
        return float(((p - t) ** 2).mean())


class BinaryCrossEntropy(Loss):
    """L = -mean (t log p + (1 - t) log(1 - p)), so dp = (p - t) / (p (1 - p)) / (N D)."""

    def forward(self, p: Array, t: Array) -> float:
        """The loss."""
        self.dp = (p - t) / np.maximum(p * (1 - p), 1e-12) / p.size
        with np.errstate(divide="ignore"):
            log_p, log_q = (np.maximum(np.log(value), SMALLEST_LOG) for value in (p, 1 - p))
        return float(-(t * log_p + (1 - t) * log_q).mean())


class BinaryCrossEntropyFromLogits(Loss):
    """The same with p = sigmoid(z), from z: L = mean max(z, 0) - z t + log(1 + exp(-|z|)).

    dL/dz = dL/dp p', and p' = p (1 - p) cancels the denominator of dL/dp: dz = (sigmoid(z) - t) / (N D). A sigmoid's
    derivative behind this gradient is one too many.
    """

    def forward(self, z: Array, t: Array) -> float:
        """The loss."""
        self.dp = (sigmoid(z) - t) / z.size
        return float((np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z)))).mean())


class SoftmaxCrossEntropy(Loss):
    """L = -mean_n log softmax(z_n)[t_n] for class numbers t, a mean over the N rows.

    With p = softmax(z): d(-log p_t)/dz_j = p_j - 1[j = t], so dz = (p - onehot(t)) / N.

    Shapes: (batch, classes), (batch,) -> ()
    """

    def forward(self, z: Array, t: Array) -> float:
        """The loss."""
        shifted = z - z.max(-1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
        rows = np.arange(len(z))
        self.dp = np.exp(log_p) / len(z)
        self.dp[rows, t] -= 1 / len(z)
        return float(-log_p[rows, t].mean())
