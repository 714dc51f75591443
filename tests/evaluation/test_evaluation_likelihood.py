import math
from typing import Any

import numpy as np
import pytest
import scipy.stats
import torch
from made import PICTURES, SPECS, dataset_of, items_of
from torch import Generator, Tensor

from understudy import models
from understudy.data.dataset import Dataset
from understudy.data.memory import ArrayItems
from understudy.data.spec import ImageSpec
from understudy.evaluation import likelihood
from understudy.evaluation.likelihood import Independent, score_likelihood

ROWS = SPECS["rows of 40"]


class Counts:
    """Its k-th weight of an item is k + 1, so that a mean tells how many were drawn: (samples + 1) / 2."""

    def __init__(self) -> None:
        self.items: list[Tensor] = []
        self.chunks: list[list[int]] = []
        self.seeds: set[int] = set()

    def likelihood_name(self) -> str:
        return "gaussian"

    def observe(self, x: Tensor, generator: Generator) -> Tensor:
        self.items.append(x)
        self.chunks.append([])
        self.seeds.add(generator.initial_seed())
        return x

    def log_weights(self, x: Tensor, samples: int, generator: Generator) -> Tensor:
        assert torch.equal(x, self.items[-1])
        self.seeds.add(generator.initial_seed())
        first = sum(self.chunks[-1]) + 1
        self.chunks[-1].append(samples)
        return torch.arange(first, first + samples).log().unsqueeze(1).expand(samples, len(x))


@pytest.mark.parametrize(
    ("chunk", "expected"),
    [(1, [[1] * 7] * 3), (3 * 4000, [[3, 3, 1], [3, 3, 1], [6, 1]]), (10**9, [[7], [7], [7]])],
)
def test_every_test_item_gets_exactly_the_samples_that_were_asked_for(
    chunk: int, expected: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likelihood, "CHUNK_VALUES", chunk)
    network, data = Counts(), dataset_of(ROWS, test=250)
    scores = score_likelihood(network, data, seed=0, samples=7)
    assert network.chunks == expected
    assert torch.equal(torch.cat(network.items), items_of(ROWS, 250, 2))
    assert scores["nll_samples"] == 7
    assert scores["nll"] == pytest.approx(-math.log(4))
    assert scores["elbo"] == pytest.approx(math.log(math.factorial(7)) / 7)


def test_what_is_observed_and_what_is_drawn_are_different_chance() -> None:
    network = Counts()
    score_likelihood(network, dataset_of(ROWS), seed=3, samples=2)
    assert len(network.seeds) == 2


@pytest.mark.parametrize("spec", [ROWS, PICTURES])
def test_chunks_change_a_real_score_by_chance_alone(spec: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    network = models.build("vae", {"hidden": 8, "latent_dim": 2}, spec).requires_grad_(False)
    data = dataset_of(spec, test=150)
    whole = score_likelihood(network, data, seed=0, samples=60)
    monkeypatch.setattr(likelihood, "CHUNK_VALUES", 7 * 100 * spec.size)
    chunked = score_likelihood(network, data, seed=0, samples=60)
    assert chunked["nll"] == pytest.approx(whole["nll"], rel=1e-2)
    assert chunked["elbo"] == pytest.approx(whole["elbo"], rel=1e-2)
    assert chunked["independent_nll"] == whole["independent_nll"]
    assert -whole["elbo"] > whole["nll"]


def test_the_baseline_does_not_depend_on_how_the_network_samples() -> None:
    network, data = models.build("vae", {"hidden": 8}, PICTURES).requires_grad_(False), dataset_of(PICTURES)
    few, many = (score_likelihood(network, data, seed=0, samples=samples) for samples in (2, 9))
    assert few["independent_nll"] == many["independent_nll"]
    assert few["nll"] != many["nll"]


# The baseline


def test_independent_normals_are_scipys() -> None:
    data = dataset_of(ROWS, train=200)
    train, test = (items.take(torch.arange(len(items))).x.double().numpy() for items in (data.train, data.test))
    expected = scipy.stats.norm(train.mean(0), train.std(0)).logpdf(test).sum(1)
    found = Independent(data, "gaussian", 0).log_likelihood(torch.from_numpy(test).float())
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-4)


def test_independent_coins_are_scipys_with_one_of_each_added() -> None:
    data = dataset_of(PICTURES)
    train = data.train.take(torch.arange(64)).x.flatten(1).double().numpy()
    shown = torch.bernoulli(data.test.take(torch.arange(16)).x, generator=Generator().manual_seed(0))
    coins = scipy.stats.bernoulli((train.sum(0) + 1) / (len(train) + 2))
    expected = coins.logpmf(shown.flatten(1).numpy()).sum(1)
    np.testing.assert_allclose(Independent(data, "bernoulli", 0).log_likelihood(shown).numpy(), expected, rtol=1e-4)


def made_of(x: Tensor, test: Tensor, spec: Any) -> Dataset:
    return Dataset("made", spec, ArrayItems(x), ArrayItems(test), ArrayItems(test), "")


def test_a_pixel_never_lit_in_training_is_unlikely_not_impossible() -> None:
    spec = ImageSpec(1, 2, 2)
    data = made_of(torch.zeros(8, 1, 2, 2), torch.ones(1, 1, 2, 2), spec)
    found = Independent(data, "bernoulli", 0).log_likelihood(torch.ones(1, 1, 2, 2))
    assert found.item() == pytest.approx(4 * math.log(1 / 10))


def test_a_constant_column_and_a_single_row_have_a_finite_likelihood() -> None:
    for rows in (torch.ones(5, 40), torch.randn(1, 40)):
        data = made_of(rows, rows[:1], ROWS)
        assert math.isfinite(Independent(data, "gaussian", 0).log_likelihood(rows[:1]).item())
