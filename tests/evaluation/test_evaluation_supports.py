import pytest
import torch
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from understudy.evaluation.supports import Support, overlap


def cloud(count: int, seed: int, values: int = 4) -> Tensor:
    return torch.randn(count, values, generator=torch.Generator().manual_seed(seed))


def compare(real: Tensor, made: Tensor) -> dict[str, float]:
    return overlap(Support(real), Support(made))


def test_they_are_the_papers_counted_one_by_one() -> None:
    real, made = cloud(60, 0, 2), cloud(40, 1, 2) * 1.5
    found = compare(real, made)

    def radii(rows: Tensor, k: int) -> Tensor:
        near, _ = NearestNeighbors(n_neighbors=k + 1).fit(rows.numpy()).kneighbors(rows.numpy())
        return torch.from_numpy(near[:, k])

    distances = torch.cdist(made, real)
    three, five = radii(real, 3), radii(real, 5)
    assert found["precision"] == (distances <= three).any(1).double().mean()
    assert found["recall"] == (distances <= radii(made, 3)[:, None]).any(0).double().mean()
    assert found["density"] == pytest.approx((distances <= five).sum().item() / (5 * 40))
    assert found["coverage"] == (distances <= five).any(0).double().mean()


def test_the_real_distribution_has_the_expected_density_and_coverage() -> None:
    found = compare(cloud(3_000, 0), cloud(3_000, 1))
    assert found["density"] == pytest.approx(1, abs=0.03)
    assert found["coverage"] == pytest.approx(1 - 2**-5, abs=0.01)


def test_one_mode_of_two_is_precise_and_forgets_half() -> None:
    far = torch.tensor([100.0, 0, 0, 0])
    found = compare(torch.cat([cloud(500, 0), cloud(500, 1) + far]), cloud(1_000, 2))
    whole = compare(cloud(1_000, 0), cloud(1_000, 2))
    assert found["precision"] == pytest.approx(whole["precision"], abs=0.1)
    assert found["recall"] == pytest.approx(whole["recall"] / 2, abs=0.05)
    assert found["coverage"] < 0.51


def test_a_subset_of_the_real_items_is_precise_whatever_it_leaves_out() -> None:
    real = cloud(400, 0)
    found = compare(real, real[:20])
    assert found["precision"] == 1
    assert found["recall"] < 0.9
    assert found["coverage"] < 0.5


def test_one_item_again_and_again_has_no_recall() -> None:
    real = cloud(300, 0)
    found = compare(real, real[:1].expand(300, -1))
    assert found["precision"] == 1
    assert found["recall"] <= 1 / 300


def test_what_lies_apart_has_nothing() -> None:
    assert set(compare(cloud(100, 0), cloud(100, 1) + 50).values()) == {0.0}
