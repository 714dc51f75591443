"""Weights, gradients and optimizers that do not belong together; what an output may depend on."""

import torch
from torch import nn

from benchmarks.clinic.fault import Fault, House, Loop
from benchmarks.clinic.recipe import Draw
from benchmarks.clinic.settings import autoencoder, gan
from understudy.training.session import Session

PLAIN = {"layer_norm": False, "tied": False}


def zeros(session: Session, draw: Draw) -> None:
    """Every weight and bias."""
    with torch.no_grad():
        for weight in session.network.parameters():
            weight.zero_()


def constant(session: Session, draw: Draw) -> None:
    """Every weight the same number."""
    value = draw.choice((0.01, 0.05, 0.1))
    with torch.no_grad():
        for layer in session.network.modules():
            if isinstance(layer, nn.Linear):
                layer.weight.fill_(value)
                layer.bias.zero_()


def discriminator_left_out(session: Session, draw: Draw) -> None:
    """Its optimizer has the generator's parameters, so that its own stay as they are."""
    mover = session.movers["discriminator"]
    mover.optimizer.param_groups[0]["params"] = list(session.movers["generator"].parameters)


FAULTS = (
    Fault("zeros", "every weight begins at 0", ("symmetric-units",), "structural",
          House(autoencoder, lambda draw: PLAIN, plant=zeros)),
    Fault("zeros-in-loop", "every weight begins at 0", ("symmetric-units",), "structural",
          Loop("classifier", "zeros", {"net": "dense", "norm": False})),
    Fault("constant", "every weight begins at the same number", ("symmetric-units",), "structural",
          House(autoencoder, lambda draw: PLAIN, plant=constant)),
    Fault("constant-in-loop", "every weight begins at the same number", ("symmetric-units",), "structural",
          Loop("classifier", "constant", {"net": "dense", "dropout": 0.0, "norm": False})),
    Fault("no-zero-grad", "gradients of all steps add up", ("no-zero-grad",), "structural",
          Loop("classifier", "no zero_grad")),
    Fault("no-zero-grad-autoencoder", "gradients of all steps add up", ("no-zero-grad",), "structural",
          Loop("copier", "no zero_grad")),
    Fault("zero-grad-too-late", "zero_grad between backward and step", ("lost-gradient",), "structural",
          Loop("classifier", "zero_grad too late")),
    Fault("head-alone", "the optimizer has the last layer alone", ("missing-parameters",), "structural",
          Loop("classifier", "head alone")),
    Fault("decoder-alone", "the optimizer has the decoder alone", ("missing-parameters",), "structural",
          Loop("copier", "decoder alone")),
    Fault("layers-in-a-list", "layers in a plain list, unknown to the module", ("missing-parameters",), "structural",
          Loop("classifier", "layers in a list", {"net": "dense"})),
    Fault("trained-body-left-out", "a trained part gets a gradient, and no optimizer has it", ("idle-parameters",),
          "structural", Loop("classifier", "trained body left out")),
    Fault("body-detached", "the last layer reads a detached output", ("detached",), "structural",
          Loop("classifier", "body detached")),
    Fault("code-detached", "the decoder reads a detached code", ("detached",), "structural",
          Loop("copier", "code detached")),
    Fault("encoder-without-gradient", "the encoder runs under no_grad", ("detached",), "structural",
          Loop("copier", "encoder without gradient")),
    Fault("encoder-cut-off", "the translator's decoder gets a detached state", ("detached",), "structural",
          Loop("turner", "encoder cut off")),
    Fault("generator-detached", "the generator learns from a detached fake", ("detached",), "structural",
          Loop("game", "generator detached")),
    Fault("fakes-not-detached", "the discriminator's step fills the generator's gradients", ("foreign-gradient",),
          "structural", Loop("game", "fakes not detached")),
    Fault("generator-twice", "both optimizers have the generator", ("shared-parameters",), "structural",
          Loop("game", "generator twice")),
    Fault("shared-variables", "the discriminator's optimizer moves the generator: stuck at 0.6931",
          ("discriminator-stuck", "shared-parameters", "missing-parameters"), "dynamic",
          House(gan, lambda draw: {"loss": "non-saturating", "spectral_norm": False, "r1": 0.0},
                plant=discriminator_left_out)),
    Fault("frozen-discriminator", "the discriminator is frozen and not released", ("idle-optimizer",), "structural",
          Loop("game", "discriminator stays frozen")),
    Fault("state-keeps-its-graph", "retain_graph, and a state that is never detached", ("stale-graph",), "structural",
          Loop("writer", "state keeps its graph", {"goes_on": True, "kind": "gru", "steps": 40, "time": 16})),
    Fault("batch-taken-for-time", "batch_first is missing", ("items-mix",), "structural",
          Loop("reader", "batch taken for time", {"task": "waves"})),
    Fault("future-seen", "a language model that reads from both ends", ("future-leaks",), "structural",
          Loop("writer", "the future is seen", {"goes_on": False, "kind": "gru"})),
    Fault("no-causal-mask", "a transformer without a causal mask", ("future-leaks",), "structural",
          Loop("writer", "the future is seen", {"kind": "transformer"})),
    Fault("target-is-input", "the target was not moved on by a place", ("target-is-input",), "structural",
          Loop("writer", "target is input")),
    Fault("last-state-of-padding", "the last state is that of padding", ("padding-matters",), "structural",
          Loop("reader", "last state of padding", {"task": "words"})),
    Fault("state-of-other-items", "the hidden state is not reset between items", ("state-carried",), "structural",
          Loop("reader", "state of other items", {"task": "waves"})),
    Fault("judged-in-training", "model.eval() is missing", ("judged-in-training",), "structural",
          Loop("classifier", "judged in training mode", {"dropout": 0.2})),
    Fault("trained-in-evaluation", "model.train() is missing after the first look", ("trained-in-evaluation",),
          "structural", Loop("classifier", "never back to training mode", {"dropout": 0.2})),
)  # fmt: skip
