import math
from typing import Any

import pytest
import torch
from made import PICTURES, SPECS, batch_of, items_of

import understudy as us
from understudy import models
from understudy.errors import OptionError
from understudy.models.sparse_autoencoder import FIRST_L1_WEIGHT, PRESSURE, SparseAutoencoder, bernoulli_kl


def build(**options: Any) -> SparseAutoencoder:
    torch.manual_seed(0)
    network = models.build("sparse-autoencoder", {"latent_dim": 96, **options}, PICTURES)
    assert isinstance(network, SparseAutoencoder)
    return network


def test_the_divergence_is_the_formula() -> None:
    found = bernoulli_kl(0.05, torch.tensor([0.05, 0.2, 0.5]))
    expected = [
        0.05 * math.log(0.05 / mean) + 0.95 * math.log(0.95 / (1 - mean)) if mean != 0.05 else 0.0
        for mean in (0.05, 0.2, 0.5)
    ]
    assert found.tolist() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("penalty", ["kl", "l1"])
def test_the_loss_is_the_copys_error_and_the_weighted_penalty(penalty: str) -> None:
    network, batch = build(penalty=penalty, penalty_weight=3.0, activity=0.1).eval(), batch_of(PICTURES)
    terms = network.turns()[0].loss(batch)
    codes = network.encode(batch.x)
    penalties = {"kl": bernoulli_kl(0.1, codes.mean(0)).sum(), "l1": codes.abs().sum(1).mean()}
    expected = network.loss(batch.x, batch.x)["loss"] + 3 * penalties[penalty]
    assert terms["loss"].item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("activity", [0.05, 0.15])
@pytest.mark.parametrize("penalty", ["kl", "l1"])
def test_training_reaches_the_asked_activity(penalty: str, activity: float, tmp_path: Any) -> None:
    """On held-out digits, within a fifth."""
    run = us.train(
        "sparse-autoencoder", data="digits", steps=1500, out=tmp_path / "run", quiet=True, penalty=penalty,
        activity=activity, latent_dim=96,
    )  # fmt: skip
    assert run.scores["asked_activity"] == activity
    assert run.scores["code_activity"] == pytest.approx(activity, rel=0.2)
    assert run.scores["mse"] < 0.04, "and it still copies"


def test_the_weight_of_l1_rises_while_too_much_is_active_and_rests_in_evaluation() -> None:
    network, batch = build(penalty="l1", activity=0.01), batch_of(PICTURES)
    network.turns()[0].loss(batch)
    assert network.penalty_weight.item() == pytest.approx(FIRST_L1_WEIGHT * math.exp(PRESSURE))
    network.eval()
    network.turns()[0].loss(batch)
    assert network.penalty_weight.item() == pytest.approx(FIRST_L1_WEIGHT * math.exp(PRESSURE))


@pytest.mark.parametrize("tied", [False, True])
def test_l1_cannot_be_dodged_by_a_larger_decoder(tied: bool) -> None:
    network = build(penalty="l1", tied=tied)
    with torch.no_grad():
        network.decoder[0].weight.mul_(50)
    after = network.turns()[0].after
    assert after is not None
    after()
    columns = network.decoder[0].weight.norm(dim=0)
    assert columns.max() <= 1 + 1e-5


def test_an_activation_that_a_penalty_cannot_read_is_refused() -> None:
    with pytest.raises(OptionError, match="penalty=l1 needs code_activation=relu"):
        models.configure("sparse-autoencoder", {"penalty": "l1", "code_activation": "tanh"})


def test_filters_are_the_first_layers_weights_as_items() -> None:
    network = build()
    assert network.filters().shape == (96, *PICTURES.shape)
    conv = models.build("conv-autoencoder", {"channels": [5]}, SPECS["colour 3x32x32"])
    assert conv.filters().shape == (5, 3, 5, 5)
    assert network.encode(items_of(PICTURES, 3)).shape == (3, 96)
