"""Scales, rates, activations: what shows itself while a network learns."""

import torch
from torch import nn

from benchmarks.clinic.fault import Fault, House, Loop
from benchmarks.clinic.house import Plant
from benchmarks.clinic.recipe import Draw
from benchmarks.clinic.settings import autoencoder, language_model, sequence_classifier, vae
from understudy.data.dataset import Batch
from understudy.models.network import Terms, Turn
from understudy.training.session import Session


def scaled(low: float, high: float) -> Plant:
    """Every weight that much larger."""

    def plant(session: Session, draw: Draw) -> None:
        factor = draw.log(low, high)
        with torch.no_grad():
            for weight in session.network.parameters():
                weight.mul_(factor if weight.ndim > 1 else 1.0)

    return plant


def biases_far_below(session: Session, draw: Draw) -> None:
    """Of the encoder's hidden layers."""
    bias = -draw.log(5, 12)
    hidden = [layer for layer in session.network.encoder.modules() if isinstance(layer, nn.Linear)][:-1]  # type: ignore[union-attr]
    for layer in hidden:
        nn.init.constant_(layer.bias, bias)


def steep(session: Session, draw: Draw) -> None:
    """The hidden layers' inputs so large that tanh is at its ends."""
    factor = draw.log(30, 100)
    hidden = [layer for layer in session.network.encoder.modules() if isinstance(layer, nn.Linear)][:-1]  # type: ignore[union-attr]
    with torch.no_grad():
        hidden[-1].bias.copy_(torch.randn_like(hidden[-1].bias).sign() * factor)


def recurrent_scaled(session: Session, draw: Draw) -> None:
    """The recurrent weights beyond a gain of 1."""
    factor = draw.log(6, 10)
    with torch.no_grad():
        for name, weight in session.network.named_parameters():
            if "weight_hh" in name or "weight_h" in name:
                weight.mul_(factor)


def no_bound(session: Session, draw: Draw) -> None:
    """The loss rewards codes without end."""
    encoder = session.network.encoder
    much = draw.log(10, 100)

    def turned(turn: Turn) -> Turn:
        def loss(batch: Batch) -> Terms:
            terms = turn.loss(batch)
            return {**terms, "loss": terms["loss"] - much * encoder(batch.x).square().mean()}  # type: ignore[operator]

        return Turn(turn.player, loss, turn.times, turn.after)

    session.turns = [turned(turn) for turn in session.turns]


def walls(session: Session, draw: Draw) -> None:
    """Two steps in five have a loss a thousand times as steep."""

    def turned(turn: Turn) -> Turn:
        def loss(batch: Batch) -> Terms:
            terms = turn.loss(batch)
            return {**terms, "loss": terms["loss"] * (1000 if torch.rand(()) < 0.4 else 1)}

        return Turn(turn.player, loss, turn.times, turn.after)

    session.turns = [turned(turn) for turn in session.turns]


def deep(draw: Draw) -> dict[str, object]:
    """Seven hidden layers of equal width."""
    return {"hidden": (draw.choice((32, 48, 64)),) * 7, "activation": "relu", "layer_norm": True, "tied": False}


def deep_sigmoids(draw: Draw) -> dict[str, object]:
    """The same, as one did before 2010."""
    return {"activation": "sigmoid", "layer_norm": False}


PLAIN = {"layer_norm": False, "tied": False, "activation": "relu"}
FAULTS = (
    Fault("tiny-weights", "weights begin a hundred times too small", ("weights-too-small",), "dynamic",
          House(autoencoder, lambda draw: PLAIN, plant=scaled(0.001, 0.03))),
    Fault("tiny-weights-in-loop", "weights begin with a deviation of 1e-4", ("weights-too-small",), "dynamic",
          Loop("classifier", "tiny weights", {"net": "dense", "norm": False})),
    Fault("large-weights", "weights begin far too large", ("weights-too-large",), "dynamic",
          House(autoencoder, lambda draw: PLAIN, plant=scaled(15, 60))),
    Fault("large-weights-in-loop", "weights begin with a deviation of 2", ("weights-too-large",), "dynamic",
          Loop("classifier", "large weights", {"net": "dense", "norm": False})),
    Fault("dead-rectifiers", "biases far below 0", ("dead-units",), "dynamic",
          House(autoencoder, lambda draw: {**PLAIN, "hidden": (draw.choice((64, 100, 128)), 64)},
                plant=biases_far_below), curable=True),
    Fault("dead-rectifiers-in-loop", "biases far below 0", ("dead-units",), "dynamic",
          Loop("classifier", "biases far below 0", {"net": "dense", "norm": False, "activation": "relu"})),
    Fault("saturated-tanh", "tanh units at their ends", ("saturated-units",), "dynamic",
          House(autoencoder, lambda draw: {**PLAIN, "activation": "tanh", "hidden": (draw.choice((64, 100)), 32)},
                plant=steep), curable=True),
    Fault("seven-sigmoids", "a network of seven sigmoid layers that does not learn", ("vanishing",), "dynamic",
          House(autoencoder, deep, deep_sigmoids), curable=True),
    Fault("seven-sigmoids-vae", "a VAE of seven sigmoid layers", ("vanishing",), "dynamic",
          House(vae, lambda draw: {k: v for k, v in deep(draw).items() if k != "tied"}, deep_sigmoids), curable=True),
    Fault("sigmoid-cell", "a recurrent layer of sigmoids", ("memory-vanishes",), "dynamic",
          House(sequence_classifier, lambda draw: {"bidirectional": False}, lambda draw: {"cell": "sigmoid-rnn"}),
          curable=True),
    Fault("sigmoid-cell-text", "a language model of sigmoids", ("memory-vanishes",), "dynamic",
          House(language_model, sick=lambda draw: {"cell": "sigmoid-rnn"}), curable=True),
    Fault("recurrent-explodes", "recurrent weights far too large", ("memory-explodes", "weights-too-large"), "dynamic",
          House(language_model, lambda draw: {"cell": "rnn", "num_layers": 1, "clip_norm": None},
                plant=recurrent_scaled)),
    Fault("gradient-explodes", "two steps in five have a gradient a thousand times as long", ("exploding",), "dynamic",
          House(language_model, lambda draw: {"clip_norm": None, "steps": 640, "hidden_dim": 24}, plant=walls),
          curable=True),
    Fault("large-last-layer", "a last layer so large that the first loss is many times ln C", ("initial-loss",),
          "structural", Loop("classifier", "large last layer", {"norm": False})),
    Fault("rate-too-high", "an adaptive optimizer at a rate of 1 and more", ("rate-too-high",), "dynamic",
          House(autoencoder, lambda draw: {"clip_norm": None, "schedule": "constant"},
                lambda draw: {"learning_rate": draw.log(0.7, 5)}), curable=True),
    Fault("rate-too-high-text", "a language model at a rate of 1 and more", ("rate-too-high",), "dynamic",
          House(language_model, lambda draw: {"schedule": "constant"}, lambda draw: {"learning_rate": draw.log(1, 5)}),
          curable=True),
    Fault("rate-too-high-sgd", "SGD at a rate of thousands of times too high", ("rate-too-high", "non-finite"),
          "dynamic", Loop("classifier", "rate too high", {"optimizer": "sgd", "rate": 0.1, "norm": False})),
    Fault("rate-too-high-in-loop", "Adam at a rate of 1 and more", ("rate-too-high",), "dynamic",
          Loop("classifier", "rate too high", {"optimizer": "adam", "norm": False})),
    Fault("rate-too-low", "a rate of 1e-7 and less", ("rate-too-low",), "dynamic",
          House(autoencoder, sick=lambda draw: {"learning_rate": draw.log(1e-8, 3e-7)}), curable=True),
    Fault("rate-too-low-text", "a language model at a rate of 1e-7 and less", ("rate-too-low",), "dynamic",
          House(language_model, sick=lambda draw: {"learning_rate": draw.log(1e-8, 3e-7)}), curable=True),
    Fault("rate-too-low-in-loop", "a rate of 1e-8", ("rate-too-low",), "dynamic",
          Loop("classifier", "rate too low", {"optimizer": "adam", "norm": False})),
    Fault("parameters-without-bound", "an autoencoder whose parameters grow without bound",
          ("weights-blow-up",), "dynamic",
          House(autoencoder, lambda draw: {**PLAIN, "loss": "mse", "steps": 600, "learning_rate": 5e-3,
                                           "optimizer": "adam", "schedule": "constant", "clip_norm": None},
                plant=no_bound)),
    Fault("nothing-to-learn", "targets that do not belong to their inputs", ("no-skill", "shuffled-labels"), "dynamic",
          Loop("regression", "targets of other items", {"epochs": 30})),
)  # fmt: skip
