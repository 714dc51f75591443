"""Small real trainings with one thing wrong, each beside its healthy twin: the cause is named first and alone."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import pytest
import torch
from torch import nn

from understudy import models
from understudy.data.dataset import Dataset
from understudy.data.memory import ArrayItems
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.doctor.live import Doctor
from understudy.doctor.pace import Pace
from understudy.doctor.verdict import Verdict
from understudy.errors import Diverged
from understudy.models.network import Turn
from understudy.settings import options as settings
from understudy.training.config import TrainingConfig
from understudy.training.engine import Engine
from understudy.training.loop import train
from understudy.training.session import Session

PLAIN: dict[str, Any] = {"hidden": (64, 32), "activation": "relu", "layer_norm": False, "latent_dim": 8}
ADAM: dict[str, Any] = {"steps": 200, "batch": 64, "learning_rate": 2e-3}


@cache
def digits() -> Dataset:
    return load("digits", DataOptions())


def scaled(factor: float) -> Callable[[Session], None]:
    def change(session: Session) -> None:
        with torch.no_grad():
            for weight in session.network.parameters():
                weight.mul_(factor if weight.ndim > 1 else 1.0)

    return change


def biased(bias: float) -> Callable[[Session], None]:
    def change(session: Session) -> None:
        for layer in list(session.network.encoder)[:-1]:  # type: ignore[arg-type]
            if isinstance(layer, nn.Linear):
                nn.init.constant_(layer.bias, bias)

    return change


def wrapped(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Session], None]:
    def wrap(turn: Turn) -> Turn:
        return Turn(turn.player, lambda batch: change(turn.loss(batch)), turn.times, turn.after)

    def apply(session: Session) -> None:
        session.turns = [wrap(turn) for turn in session.turns]

    return apply


def emptied(session: Session) -> None:
    train, validation = session.train_items, session.validation_items
    assert isinstance(train, ArrayItems) and isinstance(validation, ArrayItems)
    session.train_items = replace(train, x=torch.zeros_like(train.x))
    session.validation_items = replace(validation, x=torch.zeros_like(validation.x))


def frozen_generator(session: Session) -> None:
    session._factors = {**session._factors, "generator": 0.0}  # type: ignore[has-type]


def unplaced_codes(session: Session) -> None:
    codebook: Any = session.network.codebook
    codebook.codes[1:] += 50
    codebook.uses.fill_(1.0)
    codebook.sums.copy_(codebook.codes)


@dataclass(frozen=True)
class Case:
    """A training, what is done to it, and what is to be found first."""

    found: str
    network: str = "autoencoder"
    model: dict[str, Any] = field(default_factory=lambda: PLAIN)
    training: dict[str, Any] = field(default_factory=lambda: ADAM)
    sick: dict[str, Any] = field(default_factory=dict)
    change: Callable[[Session], None] = lambda session: None


VAE: dict[str, Any] = {"hidden": (64,), "latent_dim": 4}
GAN: dict[str, Any] = {"hidden": (64,)}
CASES = {
    "weights a hundredth": Case("weights-too-small", change=scaled(0.01)),
    "weights fifteenfold": Case("weights-too-large", change=scaled(15)),
    "biases far below 0": Case("dead-units", change=biased(-8.0)),
    "seven sigmoids": Case("vanishing", sick={"activation": "sigmoid", "hidden": (32,) * 7}),
    "rate 1": Case("rate-too-high", sick={"learning_rate": 1.0}),
    "rate 1e-7": Case("rate-too-low", sick={"learning_rate": 1e-7}),
    "empty inputs": Case("constant-input", change=emptied),
    "rate 1e30": Case("non-finite", sick={"learning_rate": 1e30, "optimizer": "sgd"}),
    "beta 40": Case("posterior-collapse", "vae", VAE, {**ADAM, "steps": 420}, {"beta": 40.0}),
    "codes out of reach": Case(
        "dead-codes",
        "vq-vae",
        {"channels": (8, 16), "codebook_size": 32, "residual_blocks": 0},
        {**ADAM, "steps": 140},
        {"restart_below": 0.0},
        unplaced_codes,
    ),
    "sigmoid cell": Case(
        "memory-vanishes", "sequence-classifier", {"hidden_dim": 16}, {**ADAM, "batch": 32}, {"cell": "sigmoid-rnn"}
    ),
    "generator stands still": Case(
        "discriminator-dominates",
        "gan",
        GAN,
        {"steps": 600, "batch": 32, "learning_rate": 1e-3},
        change=frozen_generator,
    ),
    "critic unheld": Case(
        "unbounded-critic", "wgan-gp", {"channels": (4, 8)}, {"steps": 10, "batch": 16}, {"gradient_penalty": 0.0}
    ),
}


def watched(case: Case, options: dict[str, Any], change: Callable[[Session], None]) -> Verdict:
    """The verdict on a training, with all samples taken."""
    known = models.entry(case.network)
    names = {option.name for option in settings(known.load().Config)}
    model = {**known.model, **case.model, **{key: value for key, value in options.items() if key in names}}
    asked = {**known.load().recipe, **case.training, **{k: v for k, v in options.items() if k not in names}}
    torch.manual_seed(0)
    network = models.build(case.network, model, digits().spec)
    config = TrainingConfig(
        **{**asked, "schedule": "constant", "log_every": 20, "validate_every": 50, "early_stopping": None}
    )
    session = Session(network, digits(), config, Engine(torch.device("cpu"), "fp32"), seed=0)
    change(session)
    doctor = Doctor(
        session,
        name=case.network,
        config={"model": vars(network.config), "training": vars(config)},
        pace=Pace(clock=lambda: 0.0),
    )
    try:
        train(session, [doctor])
    except Diverged as error:
        doctor.diverged(session, error)
    assert doctor.examiner.disabled == {} or case.found == "non-finite"
    return doctor.verdict()


@pytest.mark.parametrize("name", CASES)
def test_the_cause_is_named_first_and_alone(name: str) -> None:
    case = CASES[name]
    findings = watched(case, case.sick, case.change).at_least("warning")
    assert [finding.id for finding in findings] == [case.found]


@pytest.mark.parametrize(
    "name", {(case.network, str(case.model), str(case.training)): name for name, case in CASES.items()}.values()
)
def test_of_the_healthy_twin_nothing_is_said(name: str) -> None:
    assert watched(CASES[name], {}, lambda session: None).at_least("warning") == []
