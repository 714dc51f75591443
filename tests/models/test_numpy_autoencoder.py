"""The network in NumPy against the same one in PyTorch, differentiated by PyTorch."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from made import PICTURES, POINTS, SPECS, items_of, session_of
from torch import Tensor, nn

import understudy as us
from understudy import models
from understudy.data.dataset import Batch
from understudy.errors import DataError, OptionError
from understudy.models.numpy_autoencoder import ACTIVATIONS, NumPyAutoencoder
from understudy.training.config import TrainingConfig
from understudy.training.engine import choose_engine
from understudy.training.loop import train
from understudy.training.optimizers import OPTIMIZERS

TORCH: dict[str, Any] = {
    "relu": torch.relu,
    "leaky-relu": lambda a: F.leaky_relu(a, 0.01),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
}


def build(spec: Any = PICTURES, **options: Any) -> NumPyAutoencoder:
    torch.manual_seed(0)
    network = models.build("numpy-autoencoder", {"latent_dim": 7, **options}, spec)
    assert isinstance(network, NumPyAutoencoder)
    return network


def twin_loss(network: NumPyAutoencoder, x: Tensor, parameters: list[Tensor]) -> Tensor:
    """The loss as one writes it in PyTorch."""
    active = TORCH[network.config.activation]
    y = x.flatten(1)
    pairs = list(zip(parameters[::2], parameters[1::2], strict=True))
    for number, (weight, bias) in enumerate(pairs):
        y = y @ weight + bias
        y = active(y) if number < len(pairs) - 1 else y
    if network.config.loss == "bce":
        return F.binary_cross_entropy_with_logits(y, x.flatten(1), reduction="sum") / len(x)
    y = torch.sigmoid(y) if network.spec.kind == "image" else y
    return F.mse_loss(y, x.flatten(1), reduction="sum") / len(x)


@pytest.mark.parametrize("hidden", [[], [12, 9]])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("spec_name", "loss"), [("grey 1x8x8", "mse"), ("grey 1x8x8", "bce"), ("rows of 40", "mse")])
def test_loss_and_gradients_are_autograds_to_ten_digits(
    spec_name: str, loss: str, activation: str, hidden: list[int]
) -> None:
    network = build(SPECS[spec_name], activation=activation, hidden=hidden, loss=loss).double()
    x = items_of(network.spec, 9).double()
    ours = network.turns()[0].loss(Batch(x))["loss"]
    ours.backward()
    parameters = [parameter.detach().clone().requires_grad_() for parameter in network.parameters()]
    theirs = twin_loss(network, x, parameters)
    theirs.backward()
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-10)
    for mine, other in zip(network.parameters(), parameters, strict=True):
        np.testing.assert_allclose(mine.grad, other.grad, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adagrad", "adam"])
def test_training_is_pytorchs_to_ten_digits(optimizer: str) -> None:
    """The same batches through the one loop, beside PyTorch's network, gradients and optimizer."""
    settings = {"optimizer": optimizer, "learning_rate": 1e-2, "weight_decay": 1e-3, "steps": 12, "adagrad_start": 0.5}
    network = build(activation="tanh").double()
    parameters = [nn.Parameter(parameter.detach().clone()) for parameter in network.parameters()]
    session = session_of(network, **settings)
    theirs = OPTIMIZERS[optimizer](parameters, TrainingConfig(**settings))  # type: ignore[index]
    batches: list[Tensor] = []
    original = network.loss

    def noting(x: Tensor) -> Any:
        if network.training:
            batches.append(x.double())
        return original(x.double())

    network.loss = noting  # type: ignore[method-assign]
    train(session)
    for x in batches:
        theirs.zero_grad()
        twin_loss(network, x, list(parameters)).backward()
        theirs.step()
    assert len(batches) == 12
    for mine, other in zip(network.parameters(), parameters, strict=True):
        np.testing.assert_allclose(mine.detach(), other.detach(), rtol=1e-9, atol=1e-10)


def test_it_trains_by_the_same_command_and_keeps_the_same_files(tmp_path: Path) -> None:
    run = us.train("numpy-autoencoder", data="digits", steps=400, out=tmp_path / "run", quiet=True, learning_rate=3e-3)
    assert run.scores["mse"] < 0.03
    assert run.status == "finished"
    assert (tmp_path / "run" / "model.safetensors").is_file()
    assert run.reconstruct(np.zeros((8, 8))).shape == (1, 1, 8, 8)


@pytest.mark.parametrize("optimizer", ["nesterov", "rmsprop", "adamw", "adamax"])
def test_an_optimizer_that_was_not_written_by_hand_is_refused(optimizer: str) -> None:
    with pytest.raises(OptionError, match="learns in NumPy, by sgd, momentum, adagrad, adam"):
        session_of(build(), optimizer=optimizer)


@pytest.mark.parametrize("settings", [{"device": "cuda"}, {"precision": "bf16"}])
def test_it_runs_on_the_processor_alone(settings: dict[str, str]) -> None:
    with pytest.raises(OptionError, match="runs on the cpu in fp32"):
        choose_engine(TrainingConfig(steps=1, **settings), build())  # type: ignore[arg-type]


def test_pytorchs_threads_rest_in_training_and_come_back() -> None:
    before, seen = torch.get_num_threads(), []
    with choose_engine(TrainingConfig(steps=1), build()).threads():
        seen.append(torch.get_num_threads())
    assert seen == [1]
    assert torch.get_num_threads() == before


def test_what_makes_no_sense_is_refused_with_what_to_do() -> None:
    with pytest.raises(DataError, match="it can copy; use --set latent_dim=1"):
        build(POINTS)
    with pytest.raises(DataError, match="use --set loss=mse"):
        build(SPECS["rows of 40"], loss="bce")
