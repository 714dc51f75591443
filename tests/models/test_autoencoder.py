from typing import Any

import pytest
import torch
import torch.nn.functional as F
from made import PICTURES, POINTS, SPECS, items_of

from understudy import models
from understudy.data.dataset import Batch
from understudy.data.spec import Spec, VectorSpec
from understudy.errors import DataError
from understudy.models.autoencoder import Autoencoder

ROWS = SPECS["rows of 40"]


def build(spec: Spec, **options: Any) -> Autoencoder:
    torch.manual_seed(0)
    network = models.build("autoencoder", {"hidden": [8], **options}, spec).requires_grad_(False)
    assert isinstance(network, Autoencoder)
    return network


@pytest.mark.parametrize("latent_dim", [2, 3])
def test_a_code_that_could_hold_a_copy_is_refused_with_one_that_could_not(latent_dim: int) -> None:
    with pytest.raises(DataError, match=r"it can copy; use --set latent_dim=1"):
        build(POINTS, latent_dim=latent_dim)
    assert build(POINTS, latent_dim=1).encode(items_of(POINTS, 4)).shape == (4, 1)


@pytest.mark.parametrize(("spec", "expected"), [(PICTURES, 32), (ROWS, 20), (POINTS, 1)])
def test_a_code_left_open_fits_the_data(spec: Spec, expected: int) -> None:
    network = build(spec)
    assert network.config.latent_dim == expected
    assert network.encode(items_of(spec, 3)).shape == (3, expected)


def test_one_value_leaves_no_room_for_any_code() -> None:
    with pytest.raises(DataError, match="it can copy"):
        build(VectorSpec(1, (0.0,), (1.0,)))


@pytest.mark.parametrize(("spec", "loss"), [(PICTURES, "bce"), (PICTURES, "mse"), (ROWS, "mse")])
def test_the_loss_is_the_error_of_the_copy_summed_over_an_item_and_averaged_over_the_batch(
    spec: Spec, loss: str
) -> None:
    network, x = build(spec, loss=loss), items_of(spec, 6)
    copy = network.reconstruct(x)
    per_value = F.binary_cross_entropy(copy, x, reduction="none") if loss == "bce" else (copy - x) ** 2
    expected = per_value.flatten(1).sum(1).mean().item()
    assert network.turns()[0].loss(Batch(x))["loss"].item() == pytest.approx(expected, rel=1e-5)


def test_auto_is_cross_entropy_for_pictures_and_squares_for_rows() -> None:
    assert build(PICTURES).cross_entropy
    assert not build(ROWS).cross_entropy
    with pytest.raises(DataError, match="use --set loss=mse"):
        build(ROWS, loss="bce")
