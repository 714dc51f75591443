"""Backward passes with one mistake each, as people make them, and right ones that might be taken for wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from understudy.scratch import activations, losses
from understudy.scratch.dense import Dense
from understudy.scratch.recurrent import RNN
from understudy.scratch.sequential import Sequential

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


def mse(p: Array, t: Array) -> Any:
    return ((p - t) ** 2).mean()


def flat_mse(p: Array, t: Array) -> Any:
    return ((p[:, 0] - t) ** 2).mean()


def affine(x: Array, w: Array, b: Array) -> Any:
    return x @ w + b, (x, w)


def logits_loss(z: Array, t: Array) -> Any:
    return (np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z)))).mean()


def cross_entropy(z: Array, t: Array) -> Any:
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    return -np.log(p[np.arange(len(z)), t]).mean()


def cross_entropy_gradient(z: Array, t: Array) -> Array:
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    return (p - np.eye(z.shape[1])[t]) / len(z)


def softmax_left_in(z: Array, t: Array) -> Array:
    p, dp = np.exp(z) / np.exp(z).sum(1, keepdims=True), cross_entropy_gradient(z, t)
    return p * (dp - (dp * p).sum(1, keepdims=True))


class TorchSquare(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x**2

    @staticmethod
    def backward(ctx: Any, dy: torch.Tensor) -> Any:
        return dy * ctx.saved_tensors[0]


class TorchLinear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x, w)
        return x @ w.T + b

    @staticmethod
    def backward(ctx: Any, dy: torch.Tensor) -> Any:
        x, w = ctx.saved_tensors
        return dy @ w, dy.T @ x, dy.sum(0)


class TorchUnsummed(TorchLinear):
    @staticmethod
    def backward(ctx: Any, dy: torch.Tensor) -> Any:
        x, w = ctx.saved_tensors
        return dy @ w, dy.T @ x, dy


class TorchTransposed(TorchLinear):
    @staticmethod
    def backward(ctx: Any, dy: torch.Tensor) -> Any:
        x, w = ctx.saved_tensors
        return dy @ w, x.T @ dy, dy.sum(0)


class TorchSigmoid(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.y = torch.sigmoid(x)
        return ctx.y

    @staticmethod
    def backward(ctx: Any, dy: torch.Tensor) -> Any:
        return dy


class TorchRelu32(torch.autograd.Function):
    """Computes in float32 whatever it is given."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return torch.tanh(x.float()) * 2

    @staticmethod
    def backward(ctx: Any, dy: torch.Tensor) -> Any:
        return dy * 2 * (1 - torch.tanh(ctx.saved_tensors[0].float()) ** 2)


@dataclass(frozen=True)
class Planted:
    subject: Any
    inputs: tuple[Any, ...]
    name: str
    """How the first mistake's name begins."""


P, T = draw(5, 3), draw(5, 3, seed=9)
TARGETS = np.random.default_rng(3).uniform(size=(5, 3))
CLASSES = np.array([0, 2, 1, 1, 0])

MISTAKES: dict[str, Planted] = {
    "transposed dW": Planted(TransposedWeightGradient, (), "transposed operand"),
    "transposed square dW": Planted(TransposedSquareWeightGradient, (), "transposed operand"),
    "W for W.T": Planted(UntransposedWeight, (), "transposed operand"),
    "W for W.T, raises": Planted(UntransposedWeightThatRaises, (), "transposed operand"),
    "negative bias": Planted(NegativeBias, (), "sign flipped"),
    "bias per item": Planted(UnsummedBias, (), "bias gradient not summed over the batch"),
    "bias averaged": Planted(AveragedBias, (), "extra 1/N"),
    "bias of all units": Planted(BiasOfAllUnits, (), "bias gradient summed over the wrong axis"),
    "weights averaged": Planted(AveragedWeight, (), "extra 1/N"),
    "accumulating": Planted(Accumulating, (), "gradient accumulated"),
    "stale input": Planted(StaleInput, (), "stale cached activation"),
    "output for input": Planted(OutputForInput, (), "wrong operand"),
    "no bias gradient": Planted(ForgottenBias, (), "missing gradient"),
    "zero dx": Planted(ZeroInputGradient, (), "missing gradient"),
    "sigmoid missing": Planted(SigmoidMissing, (), "missing activation derivative (sigmoid)"),
    "sigmoid twice": Planted(SigmoidTwice, (), "extra activation derivative (sigmoid)"),
    "sigmoid of its input": Planted(SigmoidOfInput, (), "wrong operand"),
    "mask of dy": Planted(MaskOfGradient, (), "ReLU mask taken from the incoming gradient"),
    "mask of x": Planted(MaskOfInput, (), "ReLU mask taken of the wrong array"),
    "mask after product": Planted(MaskAfterProduct, (), "ReLU mask after instead of before"),
    "ReLU missing": Planted(ReluMissing, (), "missing activation derivative (ReLU)"),
    "mask of output": Planted(ReluMaskOfOutput, (), "ReLU mask taken of the wrong array"),
    "leaky without slope": Planted(LeakyWithoutSlope, (), "slope for negative inputs wrong"),
    "tanh of its input": Planted(TanhOfInput, (), "wrong operand"),
    "tanh with a plus": Planted(TanhPlus, (), "sign of one term flipped"),
    "stale tanh": Planted(StaleTanh, (), "stale cached activation"),
    "softmax diagonal": Planted(SoftmaxDiagonal, (draw(4, 3),), "only the diagonal"),
    "softmax axis": Planted(SoftmaxWrongAxis, (draw(4, 3),), "softmax's inner product wrong"),
    "sigmoid left in": Planted(NetworkSigmoidLeftIn, (), "extra activation derivative (sigmoid)"),
    "network's sum": Planted(NetworkSum, (), "missing 1/(N*D)"),
    "network's 1/N alone": Planted(NetworkBatchOnly, (), "missing 1/D"),
    "network reversed": Planted(NetworkReversed, (), "sign flipped"),
    "hidden ReLU missing": Planted(NetworkHiddenMissing, (), "missing activation derivative (ReLU)"),
    "z for h": Planted(NetworkWrongLayer, (), "wrong operand"),
    "Wh for Wh.T": Planted(RecurrentUntransposed, (), "transposed operand"),
    "not through time": Planted(RecurrentNotCarried, (), "gradient not carried through time"),
    "own state": Planted(RecurrentOwnState, (), "wrong operand"),
    "tanh missing in time": Planted(RecurrentWithoutSlope, (), "missing activation derivative (tanh)"),
    "overwritten in time": Planted(RecurrentOverwritten, (), "overwritten instead of summed"),
    "states never cleared": Planted(StaleStates, (), "stale cached activation"),
    "mse sum": Planted((mse, lambda p, t: 2 * (p - t)), (P, T), "missing 1/(N*D)"),
    "mse 1/N": Planted((mse, lambda p, t: 2 * (p - t) / len(p)), (P, T), "missing 1/D"),
    "mse without 2": Planted((mse, lambda p, t: (p - t) / p.size), (P, T), "missing factor 2"),
    "mse t - p": Planted((mse, lambda p, t: 2 * (t - p) / p.size), (P, T), "sign flipped"),
    "mse N by N": Planted((flat_mse, lambda p, t: 2 * (p - t) / len(p)), (P[:, :1], T[:, 0]), "broadcasting"),
    "mse N by N summed": Planted(
        (flat_mse, lambda p, t: 2 * (p - t).sum(1, keepdims=True) / len(p)), (P[:, :1], T[:, 0]), "broadcasting"
    ),
    "bce sigmoid left in": Planted(
        (logits_loss, lambda z, t: (sigmoid(z) - t) / z.size * sigmoid(z) * (1 - sigmoid(z))),
        (P, TARGETS),
        "extra activation derivative (sigmoid)",
    ),
    "softmax left in": Planted((cross_entropy, softmax_left_in), (P, CLASSES), "extra activation derivative (softmax)"),
    "cross-entropy sum": Planted(
        (cross_entropy, lambda z, t: cross_entropy_gradient(z, t) * len(z)), (P, CLASSES), "missing 1/N"
    ),
    "pair with cache": Planted(
        (affine, lambda dy, cache: (dy @ cache[1].T, cache[0].T @ dy, dy)),
        (draw(5, 3), draw(3, 4), draw(4)),
        "bias gradient not summed over the batch",
    ),
    "gain of 3": Planted((lambda x: 3 * x, lambda dy, x: dy * 1.5), (P,), "missing factor 2"),
    "gain of pi": Planted((lambda x: np.pi * x**2, lambda dy, x: dy * 2 * x), (P,), "missing factor"),
    "torch square": Planted(TorchSquare, (P,), "missing factor 2"),
    "torch bias per item": Planted(TorchUnsummed, (P, draw(4, 3), draw(4)), "bias gradient not summed over the batch"),
    "torch transposed": Planted(TorchTransposed, (P, draw(4, 3), draw(4)), "transposed operand"),
    "torch sigmoid missing": Planted(TorchSigmoid, (P,), "missing activation derivative"),
}


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


MISTAKES["normalisation by constants"] = Planted(LayerNormConstant, (), "statistics taken for constants")

WITH_ZEROS = np.array([[0.0, 1.0, -1.0], [0.0, 0.0, 2.0], [3.0, 0.0, -0.5], [-1.0, 1.0, 2.0]])


def autoencoder() -> Sequential:
    generator = np.random.default_rng(0)
    return Sequential([Dense(3, 4, generator), activations.ReLU(), Dense(4, 3, generator), activations.Sigmoid()])


RIGHT: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "dense": (Affine, ()),
    "dense, one row": (Affine, (draw(1, 3),)),
    "dense in float32": (SingleAffine, (draw(5, 3).astype(np.float32),)),
    "clearing": (Clearing, ()),
    "relu at 0": (activations.ReLU, (WITH_ZEROS,)),
    "leaky relu at 0": (activations.LeakyReLU, (WITH_ZEROS,)),
    "relu, all dead but one": (activations.ReLU, (np.where(np.eye(3) > 0, 1.0, -1.0),)),
    "relu near 0": (activations.ReLU, (WITH_ZEROS + 3e-6,)),
    "dense and relu": (ReluAffine, ()),
    "sigmoid far out": (activations.Sigmoid, (20 * draw(4, 3),)),
    "tanh": (activations.Tanh, (draw(4, 3, 2),)),
    "softmax": (activations.Softmax, (3 * draw(4, 3),)),
    "layer norm": (LayerNorm, ()),
    "rnn by steps": (Recurrent, ()),
    "rnn": (RNN(3, 4, np.random.default_rng(0)), (draw(2, 5, 3),)),
    "network": (Network, ()),
    "sequential with zeros": (autoencoder(), (WITH_ZEROS,)),
    "mse": (losses.MeanSquaredError, (P, T)),
    "bce": (losses.BinaryCrossEntropy, (TARGETS * 0.8 + 0.1, TARGETS)),
    "bce from logits": (losses.BinaryCrossEntropyFromLogits, (3 * P, TARGETS)),
    "softmax cross-entropy": (losses.SoftmaxCrossEntropy, (P, CLASSES)),
    "pair with cache": (
        (affine, lambda dy, cache: (dy @ cache[1].T, cache[0].T @ dy, dy.sum(0))),
        (draw(5, 3), draw(3, 4), draw(4)),
    ),
    "function of two": ((lambda a, b: a * b, lambda dy, a, b: (dy * b, dy * a)), (P, T)),
    "torch linear": (TorchLinear, (P, draw(4, 3), draw(4))),
    "torch in float32": (TorchRelu32, (P,)),
    "wide": (Dense(40, 30, np.random.default_rng(0)), (draw(60, 40),)),
}

Check = Callable[..., Any]
