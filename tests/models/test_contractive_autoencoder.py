"""The contraction against the full Jacobian."""

from typing import Any

import pytest
import torch
from made import PICTURES, SPECS, batch_of, items_of
from torch import Tensor

from understudy import models
from understudy.models.contractive_autoencoder import ContractiveAutoencoder


def build(**options: Any) -> ContractiveAutoencoder:
    torch.manual_seed(0)
    network = models.build("contractive-autoencoder", {"latent_dim": 6, **options}, PICTURES)
    assert isinstance(network, ContractiveAutoencoder)
    return network.double()


def full_norm(network: ContractiveAutoencoder, x: Tensor) -> Tensor:
    """||J||^2 of each item, from the Jacobian itself."""
    jacobians = torch.func.vmap(torch.func.jacrev(lambda item: network.encode(item[None])[0]))(x)
    return jacobians.flatten(1).square().sum(1)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "gelu", "softplus", None])
def test_one_layer_is_exact(activation: str | None) -> None:
    network, x = build(code_activation=activation), items_of(PICTURES, 5).double()
    assert torch.allclose(network.jacobian_norm(x), full_norm(network, x), rtol=1e-10)


def test_the_exact_penalty_has_the_jacobians_gradient() -> None:
    network, x = build(), items_of(PICTURES, 5).double()
    weight = network.encoder[1].weight
    (ours,) = torch.autograd.grad(network.jacobian_norm(x).sum(), weight)
    (theirs,) = torch.autograd.grad(full_norm(network, x).sum(), weight)
    assert torch.allclose(ours, theirs, rtol=1e-9)


DEEP: dict[str, dict[str, Any]] = {
    "dense": {"hidden": [10]},
    "dense with layer norm": {"hidden": [10, 8], "layer_norm": True},
    "conv": {"architecture": "conv", "channels": [3], "kernel_size": 3},
}


@pytest.mark.parametrize("options", DEEP.values(), ids=DEEP)
def test_a_deep_encoders_penalty_is_unbiased_and_so_is_its_gradient(options: dict[str, Any]) -> None:
    """The mean of 2,000 estimates lies within four standard errors of the Jacobian's own norm, item by item."""
    network, x = build(**options), items_of(PICTURES, 3).double()
    estimates = torch.stack([network.jacobian_norm(x).detach() for _ in range(2000)])
    error = estimates.std(0) / 2000**0.5
    assert (error > 0).all(), "it is an estimate"
    assert ((estimates.mean(0) - full_norm(network, x)).abs() < 4 * error).all()
    first = next(network.encoder.parameters())
    gradients = torch.stack(
        [torch.autograd.grad(network.jacobian_norm(x).sum(), first)[0].flatten() for _ in range(1000)]
    )
    (expected,) = torch.autograd.grad(full_norm(network, x).sum(), first)
    deviation = (gradients.mean(0) - expected.flatten()) / (gradients.std(0) / 1000**0.5).clamp_min(1e-12)
    assert deviation.abs().max() < 5


def test_more_directions_make_a_steadier_estimate() -> None:
    x = items_of(PICTURES, 2).double()
    few, many = (build(hidden=[10], contraction_samples=count) for count in (1, 16))
    deviations = [torch.stack([it.jacobian_norm(x).detach() for _ in range(300)]).std(0) for it in (few, many)]
    assert (deviations[1] < 0.5 * deviations[0]).all()


def test_the_loss_adds_the_weighted_mean_and_validation_can_ask_for_it() -> None:
    network, batch = build(contraction=0.7).float(), batch_of(PICTURES)
    with torch.no_grad():
        terms = network.validate(batch)
    expected = network.loss(batch.x, batch.x)["loss"] + 0.7 * network.jacobian_norm(batch.x).mean()
    assert terms["loss"].item() == pytest.approx(expected.item(), rel=1e-5)


def test_training_contracts() -> None:
    """With the penalty the Jacobian ends smaller than without, and the copy is worse for it."""
    found = {}
    for contraction in (0.0, 1.0):
        network = build(contraction=contraction).float()
        optimizer = torch.optim.Adam(network.parameters(), 1e-2)
        batch = batch_of(PICTURES, 64)
        for _ in range(150):
            optimizer.zero_grad()
            network.turns()[0].loss(batch)["loss"].backward()
            optimizer.step()
        found[contraction] = network.turns()[0].loss(batch)
    assert found[1.0]["jacobian"] < 0.7 * found[0.0]["jacobian"]
    assert found[1.0]["reconstruction"] > found[0.0]["reconstruction"]


def test_rows_work_too() -> None:
    network = models.build("contractive-autoencoder", {}, SPECS["rows of 40"])
    assert network.encode(items_of(network.spec, 3)).shape == (3, 20)
