from typing import Any

import pytest
import torch
import torch.nn.functional as F
from made import PICTURES, POINTS, SPECS, items_of
from torch import Generator

from understudy import models
from understudy.data.dataset import Batch
from understudy.data.spec import Spec
from understudy.errors import DataError, OptionError
from understudy.models.denoising_autoencoder import DenoisingAutoencoder

ROWS = SPECS["rows of 40"]


def build(spec: Spec, **options: Any) -> DenoisingAutoencoder:
    torch.manual_seed(0)
    network = models.build("denoising-autoencoder", {"hidden": [8], **options}, spec).requires_grad_(False)
    assert isinstance(network, DenoisingAutoencoder)
    return network


def noisy_network(spec: Spec, noise: str, level: float) -> DenoisingAutoencoder:
    return build(spec, noise=noise, noise_level=level, latent_dim=4)


def generator(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("noise", ["masking", "salt-and-pepper"])
def test_the_share_of_struck_values_is_the_level_and_the_rest_is_untouched(noise: str, level: float) -> None:
    x = torch.full((500, *PICTURES.shape), 0.4)
    noisy = noisy_network(PICTURES, noise, level).corrupt(x, generator())
    struck = noisy != x
    assert struck.float().mean().item() == pytest.approx(level, abs=0.01)
    assert set(noisy[struck].tolist()) == ({0.0} if noise == "masking" else {0.0, 1.0})
    if noise == "salt-and-pepper":
        assert noisy[struck].mean().item() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("noise", ["masking", "salt-and-pepper", "gaussian"])
def test_each_item_and_each_call_has_noise_of_its_own_that_the_seed_decides(noise: str) -> None:
    network, x = noisy_network(PICTURES, noise, 0.5), torch.full((20, *PICTURES.shape), 0.4)
    first, again, other = (network.corrupt(x, generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert len(first.flatten(1).unique(dim=0)) == 20
    torch.manual_seed(0)
    assert not torch.equal(network.corrupt(x), network.corrupt(x))


@pytest.mark.parametrize("level", [0.1, 2.0])
def test_gaussian_noise_on_rows_has_the_levels_deviation(level: float) -> None:
    x = items_of(ROWS, 500)
    noise = noisy_network(ROWS, "gaussian", level).corrupt(x, generator()) - x
    assert noise.std().item() == pytest.approx(level, rel=0.02)
    assert noise.mean().item() == pytest.approx(0, abs=0.03 * level)


@pytest.mark.parametrize("noise", ["masking", "salt-and-pepper", "gaussian"])
def test_a_noisy_picture_is_still_a_picture(noise: str) -> None:
    noisy = noisy_network(PICTURES, noise, 0.8).corrupt(items_of(PICTURES, 50), generator())
    assert 0 <= noisy.min() <= noisy.max() <= 1


def test_the_input_itself_is_left_clean() -> None:
    x = items_of(PICTURES, 4)
    before = x.clone()
    noisy_network(PICTURES, "masking", 0.5).corrupt(x, generator())
    assert torch.equal(x, before)


def test_the_loss_compares_the_copy_of_the_noisy_item_with_the_clean_one() -> None:
    network, x = noisy_network(PICTURES, "masking", 0.5), items_of(PICTURES, 6)
    torch.manual_seed(3)
    noisy = network.corrupt(x)
    copy = network.reconstruct(noisy)
    expected = F.binary_cross_entropy(copy, x, reduction="sum").item() / 6
    torch.manual_seed(3)
    assert network.turns()[0].loss(Batch(x))["loss"].item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("noise", ["masking", "salt-and-pepper"])
def test_a_share_of_one_leaves_nothing_to_see(noise: str) -> None:
    with pytest.raises(OptionError, match="below 1"):
        noisy_network(PICTURES, noise, 1.0)


def test_rows_have_no_salt_and_pepper() -> None:
    with pytest.raises(DataError, match="use --set noise=gaussian or masking"):
        noisy_network(ROWS, "salt-and-pepper", 0.5)


def test_a_denoiser_may_have_a_code_larger_than_its_items() -> None:
    assert build(POINTS, latent_dim=9).encode(items_of(POINTS, 2)).shape == (2, 9)
