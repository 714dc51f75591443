import math
from typing import Any

import pytest
import torch
from made import PICTURES, POINTS, dataset_of
from sklearn.decomposition import PCA
from torch import Generator, Tensor, nn

from understudy import models
from understudy.evaluation.denoising import gain, score_denoising


class Corrects(nn.Module):
    """Noise adds 1 everywhere; nine tenths of it are taken away."""

    def encode(self, x: Tensor) -> Tensor:
        return x[:, :1]

    def corrupt(self, x: Tensor, generator: Generator | None = None) -> Tensor:
        return x + 1

    def reconstruct(self, x: Tensor) -> Tensor:
        return x - 0.9


def score(network: Any, data: Any, seed: int = 0) -> dict[str, float]:
    with torch.no_grad():
        return score_denoising(network, data, seed=seed)


def test_a_tenth_of_the_noise_left_is_twenty_decibels() -> None:
    data = dataset_of(POINTS)
    scores = score(Corrects(), data)
    assert scores["noise_mse"] == pytest.approx(1)
    assert scores["denoised_mse"] == pytest.approx(0.01, rel=1e-4)
    assert scores["denoising_gain_db"] == pytest.approx(20, rel=1e-4)
    train, test = (items.take(torch.arange(len(items))).x.numpy() for items in (data.train, data.test))
    fitted = PCA(1).fit(train)
    linear = ((fitted.inverse_transform(fitted.transform(test + 1)) - test) ** 2).mean()
    assert scores["pca_denoised_mse"] == pytest.approx(linear, rel=1e-3)
    assert scores["pca_denoising_gain_db"] == pytest.approx(-10 * math.log10(linear), rel=1e-3)


@pytest.mark.parametrize(("before", "after", "decibels"), [(4, 1, 6.0206), (1, 1, 0), (1, 100, -20), (0, 0, 0)])
def test_gain_in_decibels(before: float, after: float, decibels: float) -> None:
    assert gain(before, after) == pytest.approx(decibels, abs=1e-4)


def test_doing_nothing_gains_nothing() -> None:
    network = Corrects()
    network.reconstruct = lambda x: x  # type: ignore[method-assign]
    assert score(network, dataset_of(POINTS))["denoising_gain_db"] == 0


def test_the_noise_depends_on_the_seed_not_on_the_network() -> None:
    data = dataset_of(PICTURES)
    found = []
    for weights, seed in ((0, 0), (1, 0), (0, 1)):
        torch.manual_seed(weights)
        network = models.build("denoising-autoencoder", {"hidden": 8, "latent_dim": 4}, PICTURES)
        found.append(score(network, data, seed))
    assert found[0]["noise_mse"] == found[1]["noise_mse"] != found[2]["noise_mse"]
    assert found[0]["pca_denoised_mse"] == found[1]["pca_denoised_mse"]
    assert found[0]["denoised_mse"] != found[1]["denoised_mse"]
