"""Layers with one mistake each, as people make them, and right ones beside them."""

from typing import Any

import numpy as np
from plain_form import Array, Plain, draw, sigmoid

from understudy.scratch import activations


class Affine(Plain):
    inputs, outputs = 3, 4

    def __init__(self) -> None:
        super().__init__()
        self.params = {"W": draw(self.inputs, self.outputs, seed=1), "b": draw(self.outputs, seed=2)}

    def example_input(self) -> Any:
        return draw(5, self.inputs)

    def forward(self, x: Array) -> Array:
        self.x = x
        self.y = x @ self.params["W"] + self.params["b"]
        return self.y

    def backward(self, dy: Array) -> Array:
        self.grads = {"W": self.x.T @ dy, "b": dy.sum(0)}
        return dy @ self.params["W"].T


class Square(Affine):
    inputs = outputs = 4


class TransposedWeightGradient(Affine):
    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        self.grads["W"] = dy.T @ self.x
        return dx


class TransposedSquareWeightGradient(Square):
    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        self.grads["W"] = dy.T @ self.x
        return dx


class UntransposedWeight(Square):
    def backward(self, dy: Array) -> Array:
        self.grads = {"W": self.x.T @ dy, "b": dy.sum(0)}
        return dy @ self.params["W"]


class UntransposedWeightThatRaises(Affine):
    def backward(self, dy: Array) -> Array:
        self.grads = {"W": self.x.T @ dy, "b": dy.sum(0)}
        return dy @ self.params["W"]


class NegativeBias(Affine):
    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        self.grads["b"] = -dy.sum(0)
        return dx


class UnsummedBias(Affine):
    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        self.grads["b"] = dy
        return dx


class AveragedBias(Affine):
    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        self.grads["b"] = dy.mean(0)
        return dx


class BiasOfAllUnits(Affine):
    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        self.grads["b"] = np.full(4, dy.sum())
        return dx


class AveragedWeight(Affine):
    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        self.grads["W"] = self.x.T @ dy / len(dy)
        return dx


class Accumulating(Affine):
    def __init__(self) -> None:
        super().__init__()
        self.grads = {"W": np.zeros((3, 4)), "b": np.zeros(4)}

    def backward(self, dy: Array) -> Array:
        self.grads["W"] += self.x.T @ dy
        self.grads["b"] += dy.sum(0)
        return dy @ self.params["W"].T


class StaleInput(Affine):
    def forward(self, x: Array) -> Array:
        if not hasattr(self, "x"):
            self.x = x
        return x @ self.params["W"] + self.params["b"]


class OutputForInput(Square):
    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        self.grads["W"] = self.y.T @ dy
        return dx


class ForgottenBias(Affine):
    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        del self.grads["b"]
        return dx


class ZeroInputGradient(Affine):
    def backward(self, dy: Array) -> Array:
        return 0 * super().backward(dy)


class SigmoidAffine(Affine):
    """y = sigmoid(x W + b)."""

    def forward(self, x: Array) -> Array:
        self.h = sigmoid(super().forward(x))
        return self.h

    def slope(self) -> Array:
        return self.h * (1 - self.h)

    def backward(self, dy: Array) -> Array:
        return super().backward(dy * self.slope())


class SigmoidMissing(SigmoidAffine):
    def slope(self) -> Array:
        return 1.0


class SigmoidTwice(SigmoidAffine):
    def slope(self) -> Array:
        return (self.h * (1 - self.h)) ** 2


class SigmoidOfInput(SigmoidAffine):
    def slope(self) -> Array:
        return self.y * (1 - self.y)


class ReluAffine(Affine):
    """y = max(x W + b, 0)."""

    inputs = outputs = 4

    def forward(self, x: Array) -> Array:
        self.z = super().forward(x)
        return np.maximum(self.z, 0)

    def mask(self, dy: Array) -> Array:
        return self.z > 0

    def backward(self, dy: Array) -> Array:
        return super().backward(dy * self.mask(dy))


class MaskOfGradient(ReluAffine):
    def mask(self, dy: Array) -> Array:
        return dy > 0


class MaskOfInput(ReluAffine):
    def mask(self, dy: Array) -> Array:
        return self.x > 0


class MaskAfterProduct(ReluAffine):
    def backward(self, dy: Array) -> Array:
        super().backward(dy)
        return (dy @ self.params["W"].T) * (self.z > 0)


class ReluMissing(ReluAffine):
    def mask(self, dy: Array) -> Array:
        return 1.0


class ReluMaskOfOutput(Plain):
    def forward(self, x: Array) -> Array:
        self.y = np.maximum(x, 0)
        return self.y

    def backward(self, dy: Array) -> Array:
        return dy * (self.y >= 0)


class LeakyWithoutSlope(Plain):
    def forward(self, x: Array) -> Array:
        self.x = x
        return np.where(x > 0, x, 0.1 * x)

    def backward(self, dy: Array) -> Array:
        return dy * (self.x > 0)


class TanhOfInput(Plain):
    def forward(self, x: Array) -> Array:
        self.x = x
        return np.tanh(x)

    def backward(self, dy: Array) -> Array:
        return dy * (1 - self.x**2)


class TanhPlus(Plain):
    def forward(self, x: Array) -> Array:
        self.y = np.tanh(x)
        return self.y

    def backward(self, dy: Array) -> Array:
        return dy * (1 + self.y**2)


class StaleTanh(Plain):
    def __init__(self) -> None:
        super().__init__()
        self.outputs: list[Array] = []

    def forward(self, x: Array) -> Array:
        self.outputs.append(np.tanh(x))
        return self.outputs[-1]

    def backward(self, dy: Array) -> Array:
        return dy * (1 - self.outputs[0] ** 2)


class SoftmaxDiagonal(activations.Softmax):
    def backward(self, dy: Array) -> Array:
        return dy * self.y * (1 - self.y)


class SoftmaxWrongAxis(activations.Softmax):
    def backward(self, dy: Array) -> Array:
        return self.y * (dy - (dy * self.y).sum(0, keepdims=True))


class BiasWithBatchAxis(Affine):
    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        self.grads["b"] = dy.sum(0, keepdims=True)
        return dx


class Residual(Plain):
    """y = x + tanh(x W)."""

    def __init__(self) -> None:
        super().__init__()
        self.params = {"W": draw(3, 3, seed=1)}

    def forward(self, x: Array) -> Array:
        self.x, self.a = x, np.tanh(x @ self.params["W"])
        return x + self.a

    def slope(self) -> Array:
        return 1 - self.a**2

    def backward(self, dy: Array) -> Array:
        dz = dy * self.slope()
        self.grads = {"W": self.x.T @ dz}
        return dz @ self.params["W"].T + dy


class ResidualWithoutSlope(Residual):
    def slope(self) -> Array:
        return 1.0


class ResidualWithoutSkip(Residual):
    def backward(self, dy: Array) -> Array:
        return super().backward(dy) - dy


class SwappedNames(Affine):
    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        self.grads = {"W": self.grads["b"], "b": self.grads["W"]}
        return dx


class ReshapedWeightGradient(Affine):
    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        self.grads["W"] = (dy.T @ self.x).reshape(3, 4)
        return dx


class SigmoidHalf(SigmoidAffine):
    def slope(self) -> Array:
        return self.h


class LayerNorm(Plain):
    def __init__(self) -> None:
        super().__init__()
        self.params = {"gain": draw(3, seed=4), "shift": np.zeros(3)}

    def forward(self, x: Array) -> Array:
        self.deviation = np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        self.normal = (x - x.mean(-1, keepdims=True)) / self.deviation
        return self.normal * self.params["gain"] + self.params["shift"]

    def backward(self, dy: Array) -> Array:
        self.grads = {"gain": (dy * self.normal).sum(0), "shift": dy.sum(0)}
        g = dy * self.params["gain"]
        mean = g.mean(-1, keepdims=True)
        return (g - mean - self.normal * (g * self.normal).mean(-1, keepdims=True)) / self.deviation


class LayerNormConstant(LayerNorm):
    def backward(self, dy: Array) -> Array:
        super().backward(dy)
        return dy * self.params["gain"] / self.deviation


class SingleAffine(Affine):
    """Parameters in float32."""

    def __init__(self) -> None:
        super().__init__()
        self.params = {name: array.astype(np.float32) for name, array in self.params.items()}


class Clearing(Accumulating):
    """Adds up, and may be told to clear."""

    def zero_grad(self) -> None:
        self.grads = {name: np.zeros_like(array) for name, array in self.params.items()}
