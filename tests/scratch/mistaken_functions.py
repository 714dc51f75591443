"""Pairs of functions, and torch.autograd.Functions."""

from typing import Any

import numpy as np
import torch
from plain_form import Array


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
