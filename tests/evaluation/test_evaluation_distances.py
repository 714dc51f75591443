import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from scipy.stats import energy_distance
from sklearn.metrics.pairwise import polynomial_kernel

from understudy.errors import DataError
from understudy.evaluation.distances import KID_SUBSETS, energy, frechet, kernel, refuse_not_finite


def normal(count: int, values: int, seed: int, shift: float = 0.0, scale: float = 1.0) -> torch.Tensor:
    return shift + scale * torch.randn(count, values, generator=torch.Generator().manual_seed(seed))


def test_equal_sets_are_at_distance_0() -> None:
    rows = normal(200, 8, 0)
    assert frechet(rows, rows) == pytest.approx(0, abs=1e-9)
    assert energy(rows, rows.flip(0)) == pytest.approx(0, abs=1e-5)


def test_frechet_is_the_closed_form_between_normal_distributions() -> None:
    left, right = normal(200_000, 3, 0), normal(200_000, 3, 1, shift=2.0, scale=3.0)
    assert frechet(left, right) == pytest.approx(3 * 2**2 + 3 * (3 - 1) ** 2, rel=0.02)


def test_frechet_is_that_of_a_matrix_root_and_symmetric() -> None:
    mix = torch.randn(6, 6, generator=torch.Generator().manual_seed(2))
    left, right = normal(300, 6, 0) @ mix, normal(250, 6, 1)
    a, b = np.cov(left.double().T), np.cov(right.double().T)
    means = (left.double().mean(0) - right.double().mean(0)).square().sum().item()
    expected = means + np.trace(a + b - 2 * sqrtm(a @ b).real)
    assert frechet(left, right) == pytest.approx(expected, rel=1e-9)
    assert frechet(right, left) == pytest.approx(expected, rel=1e-9)


def test_frechet_agrees_with_torchmetrics() -> None:
    from torchmetrics.image.fid import FrechetInceptionDistance

    class Same(torch.nn.Module):
        num_features = 5

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x

    left, right = normal(300, 5, 0), normal(250, 5, 1, shift=0.3)
    oracle = FrechetInceptionDistance(feature=Same())
    oracle.update(left, real=True)
    oracle.update(right, real=False)
    assert frechet(left, right) == pytest.approx(oracle.compute().item(), rel=1e-4)


def test_fewer_items_than_values_and_values_that_never_change_have_a_distance() -> None:
    left, right = normal(5, 9, 0), normal(5, 9, 1)
    left[:, 0] = right[:, 0] = 1.0
    assert 0 < frechet(left, right) < 100


def test_kernel_is_unbiased_and_sees_a_shift() -> None:
    real = normal(2_000, 4, 0)
    same, spread = kernel(real, normal(2_000, 4, 1), 0)
    assert abs(same) < 3 * spread
    moved, spread = kernel(real, normal(2_000, 4, 2, shift=0.5), 0)
    assert moved > 10 * spread > 0
    assert kernel(real, real + 1, 7) == kernel(real, real + 1, 7)


def test_kernel_is_the_polynomial_one_of_scikit_learn() -> None:
    x, y = normal(2, 3, 0), normal(2, 3, 1)  # subsets of one item have no pair: four items make subsets of two
    x, y = x.repeat(2, 1), y.repeat(2, 1)
    draw = torch.Generator().manual_seed(5)
    found = []
    for _ in range(KID_SUBSETS):
        a, b = (rows[torch.randperm(4, generator=draw)[:2]].numpy() for rows in (x, y))
        among = [polynomial_kernel(rows, degree=3, gamma=1 / 3, coef0=1) for rows in (a, b)]
        between = polynomial_kernel(a, b, degree=3, gamma=1 / 3, coef0=1)
        found.append(sum((it.sum() - it.trace()) / 2 for it in among) - 2 * between.mean())
    assert kernel(x, y, 5) == pytest.approx((np.mean(found), np.std(found, ddof=1)), rel=1e-4)


def test_energy_on_a_line_is_scipys() -> None:
    x, y = normal(700, 1, 0), normal(300, 1, 1, shift=0.4)
    assert energy(x, y) == pytest.approx(energy_distance(x[:, 0].numpy(), y[:, 0].numpy()), rel=1e-5)


def test_what_is_not_finite_is_refused() -> None:
    rows = normal(5, 2, 0)
    refuse_not_finite(rows, "samples")
    rows[1, 1], rows[3, 0] = torch.nan, torch.inf
    with pytest.raises(DataError, match="2 of 5 samples are not finite"):
        refuse_not_finite(rows, "samples")
