"""Effective rank and correlation on codes that are known, and on codes that are learnt."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from made import PICTURES, dataset_of

import understudy as us
from understudy import models
from understudy.evaluation.codes import effective_rank, mean_correlation, score_codes


def test_equal_directions_count_each_and_one_direction_counts_one() -> None:
    torch.manual_seed(0)
    axes = torch.cat([torch.eye(7), -torch.eye(7)])
    assert effective_rank(axes) == pytest.approx(7)
    assert effective_rank(torch.randn(50, 1) * torch.randn(1, 20)) == pytest.approx(1, abs=1e-4)
    two_to_one = torch.tensor([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    shares = (2 / 3, 1 / 3)
    assert effective_rank(two_to_one) == pytest.approx(math.exp(-sum(p * math.log(p) for p in shares)))


@given(seed=st.integers(0, 50), scale=st.floats(0.01, 100), shift=st.floats(-5, 5))
def test_the_rank_does_not_depend_on_place_scale_or_rotation(seed: int, scale: float, shift: float) -> None:
    torch.manual_seed(seed)
    codes = torch.randn(40, 6, dtype=torch.float64) @ torch.diag(torch.arange(1.0, 7.0, dtype=torch.float64))
    rotation, _ = torch.linalg.qr(torch.randn(6, 6, dtype=torch.float64))
    assert 1 <= effective_rank(codes) <= 6
    assert effective_rank(scale * codes @ rotation + shift) == pytest.approx(effective_rank(codes), rel=1e-6)


def test_correlation_is_numpys_and_numbers_that_never_change_are_left_out() -> None:
    torch.manual_seed(0)
    codes = torch.randn(300, 4) @ torch.randn(4, 4)
    matrix = np.abs(np.corrcoef(codes.numpy().T))
    expected = (matrix.sum() - 4) / 12
    assert mean_correlation(codes) == pytest.approx(expected, rel=1e-4)
    assert mean_correlation(torch.cat([codes, torch.ones(300, 3)], 1)) == pytest.approx(expected, rel=1e-4)
    assert mean_correlation(torch.randn(5, 1)) == 0


def test_a_code_of_twenty_is_three_for_correlated_data_and_many_for_independent_data(tmp_path: Path) -> None:
    """The same network, size of code and training; only the data differ."""
    generator = np.random.default_rng(0)
    independent = generator.normal(size=(1500, 40)).astype(np.float32)
    factors = generator.normal(size=(1500, 3)) @ generator.normal(size=(3, 40))
    correlated = (factors + 0.01 * generator.normal(size=factors.shape)).astype(np.float32)
    ranks, sizes, correlations = {}, set(), {}
    for name, rows in {"independent": independent, "correlated": correlated}.items():
        scores = us.train("autoencoder", data=rows, latent_dim=20, steps=600, out=tmp_path / name, quiet=True).scores
        ranks[name], correlations[name] = scores["effective_rank"], scores["code_correlation"]
        sizes.add(scores["code_size"])
    assert sizes == {20}
    assert ranks["independent"] > 15
    assert ranks["correlated"] < 8
    assert correlations["correlated"] > 2 * correlations["independent"]


def test_the_score_is_of_the_test_split() -> None:
    network, data = models.build("autoencoder", {"latent_dim": 5}, PICTURES), dataset_of(PICTURES, test=30)
    with torch.no_grad():
        codes = network.encode(data.test.take(torch.arange(30)).x)
        scores = score_codes(network, data, seed=0)
    assert scores["code_size"] == 5
    assert scores["effective_rank"] == pytest.approx(effective_rank(codes))
