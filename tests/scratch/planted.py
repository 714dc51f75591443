"""The tables: backward passes with the name of their mistake, and right ones."""

from dataclasses import dataclass
from typing import Any

import mistaken_functions
import mistaken_layers
import mistaken_networks
import numpy as np
import right_layers
from plain_form import draw, sigmoid

from understudy.scratch import activations, losses
from understudy.scratch.dense import Dense
from understudy.scratch.recurrent import RNN
from understudy.scratch.sequential import Sequential


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
    "transposed dW": Planted(mistaken_layers.TransposedWeightGradient, (), "transposed operand"),
    "transposed square dW": Planted(mistaken_layers.TransposedSquareWeightGradient, (), "transposed operand"),
    "W for W.T": Planted(mistaken_layers.UntransposedWeight, (), "transposed operand"),
    "W for W.T, raises": Planted(mistaken_layers.UntransposedWeightThatRaises, (), "transposed operand"),
    "negative bias": Planted(mistaken_layers.NegativeBias, (), "sign flipped"),
    "bias per item": Planted(mistaken_layers.UnsummedBias, (), "bias gradient not summed over the batch"),
    "bias averaged": Planted(mistaken_layers.AveragedBias, (), "bias gradient not summed over the batch (averaged"),
    "bias of all units": Planted(mistaken_layers.BiasOfAllUnits, (), "bias gradient summed over the wrong axis"),
    "weights averaged": Planted(mistaken_layers.AveragedWeight, (), "extra 1/N"),
    "accumulating": Planted(mistaken_layers.Accumulating, (), "gradient accumulated"),
    "stale input": Planted(mistaken_layers.StaleInput, (), "stale cached activation"),
    "output for input": Planted(mistaken_layers.OutputForInput, (), "wrong operand"),
    "no bias gradient": Planted(mistaken_layers.ForgottenBias, (), "missing gradient"),
    "zero dx": Planted(mistaken_layers.ZeroInputGradient, (), "missing gradient"),
    "sigmoid missing": Planted(mistaken_layers.SigmoidMissing, (), "missing activation derivative (sigmoid)"),
    "sigmoid twice": Planted(mistaken_layers.SigmoidTwice, (), "extra activation derivative (sigmoid)"),
    "sigmoid of its input": Planted(mistaken_layers.SigmoidOfInput, (), "wrong operand"),
    "mask of dy": Planted(mistaken_layers.MaskOfGradient, (), "ReLU mask taken from the incoming gradient"),
    "mask of x": Planted(mistaken_layers.MaskOfInput, (), "ReLU mask taken of the wrong array"),
    "mask after product": Planted(mistaken_layers.MaskAfterProduct, (), "ReLU mask after instead of before"),
    "ReLU missing": Planted(mistaken_layers.ReluMissing, (), "missing activation derivative (ReLU)"),
    "mask of output": Planted(mistaken_layers.ReluMaskOfOutput, (), "ReLU mask taken of the wrong array"),
    "leaky without slope": Planted(mistaken_layers.LeakyWithoutSlope, (), "slope for negative inputs wrong"),
    "tanh of its input": Planted(mistaken_layers.TanhOfInput, (), "wrong operand"),
    "tanh with a plus": Planted(mistaken_layers.TanhPlus, (), "sign of one term flipped"),
    "stale tanh": Planted(mistaken_layers.StaleTanh, (), "stale cached activation"),
    "softmax diagonal": Planted(mistaken_layers.SoftmaxDiagonal, (draw(4, 3),), "only the diagonal"),
    "softmax axis": Planted(mistaken_layers.SoftmaxWrongAxis, (draw(4, 3),), "softmax's inner product wrong"),
    "sigmoid left in": Planted(mistaken_networks.NetworkSigmoidLeftIn, (), "extra activation derivative (sigmoid)"),
    "network's sum": Planted(mistaken_networks.NetworkSum, (), "missing 1/(N*D)"),
    "network's 1/N alone": Planted(mistaken_networks.NetworkBatchOnly, (), "missing 1/D"),
    "network reversed": Planted(mistaken_networks.NetworkReversed, (), "sign flipped"),
    "hidden ReLU missing": Planted(mistaken_networks.NetworkHiddenMissing, (), "missing activation derivative (ReLU)"),
    "z for h": Planted(mistaken_networks.NetworkWrongLayer, (), "wrong operand"),
    "Wh for Wh.T": Planted(mistaken_networks.RecurrentUntransposed, (), "transposed operand"),
    "not through time": Planted(mistaken_networks.RecurrentNotCarried, (), "gradient not carried through time"),
    "own state": Planted(mistaken_networks.RecurrentOwnState, (), "wrong operand"),
    "tanh missing in time": Planted(
        mistaken_networks.RecurrentWithoutSlope, (), "missing activation derivative (tanh)"
    ),
    "overwritten in time": Planted(mistaken_networks.RecurrentOverwritten, (), "overwritten instead of summed"),
    "states never cleared": Planted(mistaken_networks.StaleStates, (), "stale cached activation"),
    "mse sum": Planted((mistaken_functions.mse, lambda p, t: 2 * (p - t)), (P, T), "missing 1/(N*D)"),
    "mse 1/N": Planted((mistaken_functions.mse, lambda p, t: 2 * (p - t) / len(p)), (P, T), "missing 1/D"),
    "mse without 2": Planted((mistaken_functions.mse, lambda p, t: (p - t) / p.size), (P, T), "missing factor 2"),
    "mse t - p": Planted((mistaken_functions.mse, lambda p, t: 2 * (t - p) / p.size), (P, T), "sign flipped"),
    "mse N by N": Planted(
        (mistaken_functions.flat_mse, lambda p, t: 2 * (p - t) / len(p)), (P[:, :1], T[:, 0]), "broadcasting"
    ),
    "mse N by N summed": Planted(
        (mistaken_functions.flat_mse, lambda p, t: 2 * (p - t).sum(1, keepdims=True) / len(p)),
        (P[:, :1], T[:, 0]),
        "broadcasting",
    ),
    "bce sigmoid left in": Planted(
        (mistaken_functions.logits_loss, lambda z, t: (sigmoid(z) - t) / z.size * sigmoid(z) * (1 - sigmoid(z))),
        (P, TARGETS),
        "extra activation derivative (sigmoid)",
    ),
    "softmax left in": Planted(
        (mistaken_functions.cross_entropy, mistaken_functions.softmax_left_in),
        (P, CLASSES),
        "extra activation derivative (softmax)",
    ),
    "cross-entropy sum": Planted(
        (mistaken_functions.cross_entropy, lambda z, t: mistaken_functions.cross_entropy_gradient(z, t) * len(z)),
        (P, CLASSES),
        "missing 1/N",
    ),
    "pair with cache": Planted(
        (mistaken_functions.affine, lambda dy, cache: (dy @ cache[1].T, cache[0].T @ dy, dy)),
        (draw(5, 3), draw(3, 4), draw(4)),
        "bias gradient not summed over the batch",
    ),
    "gain of 3": Planted((lambda x: 3 * x, lambda dy, x: dy * 1.5), (P,), "missing factor 2"),
    "gain of pi": Planted((lambda x: np.pi * x**2, lambda dy, x: dy * 2 * x), (P,), "missing factor"),
    "torch square": Planted(mistaken_functions.TorchSquare, (P,), "missing factor 2"),
    "torch bias per item": Planted(
        mistaken_functions.TorchUnsummed, (P, draw(4, 3), draw(4)), "bias gradient not summed over the batch"
    ),
    "torch transposed": Planted(mistaken_functions.TorchTransposed, (P, draw(4, 3), draw(4)), "transposed operand"),
    "bias with a batch axis": Planted(mistaken_layers.BiasWithBatchAxis, (), "wrong shape"),
    "residual without slope": Planted(mistaken_layers.ResidualWithoutSlope, (), "missing activation derivative"),
    "residual without skip": Planted(mistaken_layers.ResidualWithoutSkip, (), "skip connection left out"),
    "z for h, recomputed": Planted(mistaken_networks.NetworkRecomputing, (), "wrong operand"),
    "names swapped": Planted(mistaken_layers.SwappedNames, (), "gradients returned in the wrong order"),
    "dW reshaped": Planted(mistaken_layers.ReshapedWeightGradient, (), "transposed operand"),
    "half a sigmoid's slope": Planted(mistaken_layers.SigmoidHalf, (), "activation derivative incomplete"),
    "deep mask of gradient": Planted(
        mistaken_networks.NetworkMaskOfGradient, (), "ReLU mask taken from the incoming gradient"
    ),
    "sigmoid left in, own target": Planted(
        mistaken_networks.NetworkWithTarget, (), "extra activation derivative (sigmoid)"
    ),
    "carried without slope": Planted(
        mistaken_networks.RecurrentCarriedWithoutSlope, (), "missing or extra activation derivative in what is carried"
    ),
    "carried with a minus": Planted(
        mistaken_networks.RecurrentReversed, (), "gradient carried through time with the sign"
    ),
    "sigmoid's slope for a tanh": Planted(mistaken_networks.RecurrentSigmoid, (), "activation derivative incomplete"),
    "bias overwritten in time": Planted(
        mistaken_networks.RecurrentBiasOverwritten, (), "overwritten instead of summed"
    ),
    "normalisation by constants": Planted(mistaken_layers.LayerNormConstant, (), "statistics taken for constants"),
    "torch sigmoid missing": Planted(mistaken_functions.TorchSigmoid, (P,), "missing activation derivative"),
}


WITH_ZEROS = np.array([[0.0, 1.0, -1.0], [0.0, 0.0, 2.0], [3.0, 0.0, -0.5], [-1.0, 1.0, 2.0]])


def autoencoder() -> Sequential:
    generator = np.random.default_rng(0)
    return Sequential([Dense(3, 4, generator), activations.ReLU(), Dense(4, 3, generator), activations.Sigmoid()])


RIGHT: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "dense": (mistaken_layers.Affine, ()),
    "residual": (mistaken_layers.Residual, ()),
    "dense, one row": (mistaken_layers.Affine, (draw(1, 3),)),
    "dense in float32": (mistaken_layers.SingleAffine, (draw(5, 3).astype(np.float32),)),
    "clearing": (mistaken_layers.Clearing, ()),
    "relu at 0": (activations.ReLU, (WITH_ZEROS,)),
    "leaky relu at 0": (activations.LeakyReLU, (WITH_ZEROS,)),
    "relu, all dead but one": (activations.ReLU, (np.where(np.eye(3) > 0, 1.0, -1.0),)),
    "relu near 0": (activations.ReLU, (WITH_ZEROS + 3e-6,)),
    "dense and relu": (mistaken_layers.ReluAffine, ()),
    "sigmoid far out": (activations.Sigmoid, (20 * draw(4, 3),)),
    "tanh": (activations.Tanh, (draw(4, 3, 2),)),
    "softmax": (activations.Softmax, (3 * draw(4, 3),)),
    "layer norm": (mistaken_layers.LayerNorm, ()),
    "rnn by steps": (mistaken_networks.Recurrent, ()),
    "rnn": (RNN(3, 4, np.random.default_rng(0)), (draw(2, 5, 3),)),
    "network": (mistaken_networks.Network, ()),
    "sequential with zeros": (autoencoder(), (WITH_ZEROS,)),
    "mse": (losses.MeanSquaredError, (P, T)),
    "bce": (losses.BinaryCrossEntropy, (TARGETS * 0.8 + 0.1, TARGETS)),
    "bce from logits": (losses.BinaryCrossEntropyFromLogits, (3 * P, TARGETS)),
    "softmax cross-entropy": (losses.SoftmaxCrossEntropy, (P, CLASSES)),
    "pair with cache": (
        (mistaken_functions.affine, lambda dy, cache: (dy @ cache[1].T, cache[0].T @ dy, dy.sum(0))),
        (draw(5, 3), draw(3, 4), draw(4)),
    ),
    "function of two": ((lambda a, b: a * b, lambda dy, a, b: (dy * b, dy * a)), (P, T)),
    "torch linear": (mistaken_functions.TorchLinear, (P, draw(4, 3), draw(4))),
    "torch in float32": (mistaken_functions.TorchRelu32, (P,)),
    "wide": (Dense(40, 30, np.random.default_rng(0)), (draw(60, 40),)),
    **{kind.__name__: (kind, ()) for kind in right_layers.RIGHT},
}
