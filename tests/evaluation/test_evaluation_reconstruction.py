from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from made import PICTURES, SPECS, dataset_of, items_of
from sklearn.decomposition import PCA
from torch import Tensor, nn

from understudy.data.dataset import Dataset
from understudy.data.memory import ArrayItems
from understudy.data.spec import ImageSpec, Spec
from understudy.evaluation import principal, reconstruction
from understudy.evaluation.principal import fit_principal, training_rows
from understudy.evaluation.reconstruction import Errors, score_reconstruction

ROWS = SPECS["rows of 40"]


class Shift(nn.Module):
    """A copier whose code has `code` numbers and whose copies are all too high by `by`."""

    def __init__(self, code: int = 3, by: float = 0.0) -> None:
        super().__init__()
        self.code, self.by = code, by

    def encode(self, x: Tensor) -> Tensor:
        return x.flatten(1)[:, : self.code]

    def reconstruct(self, x: Tensor) -> Tensor:
        return x + self.by


def score(data: Dataset, network: nn.Module, seed: int = 0) -> dict[str, float]:
    return score_reconstruction(network, data, seed=seed)  # type: ignore[arg-type]


def noisy(spec: Spec, train: int = 80, test: int = 30) -> Dataset:
    """Items of full rank, so that every component matters."""
    torch.manual_seed(0)
    splits = [items_of(spec, count, n) + 0.2 * torch.randn(count, *spec.shape) for n, count in enumerate((train, test))]
    train_x, test_x = [x.clamp(0, 1) if isinstance(spec, ImageSpec) else x for x in splits]
    return Dataset("made", spec, ArrayItems(train_x), ArrayItems(test_x[:1]), ArrayItems(test_x), "")


# The baseline


@pytest.mark.parametrize("code", [1, 5, 39])
@pytest.mark.parametrize("spec", [ROWS, PICTURES])
def test_the_baseline_is_scikit_learns_own_error(spec: Spec, code: int) -> None:
    data = noisy(spec)
    train, test = (items.take(torch.arange(len(items))).x.flatten(1).numpy() for items in (data.train, data.test))
    fitted = PCA(code, svd_solver="full").fit(train)
    copy = fitted.inverse_transform(fitted.transform(test))
    copy = copy.clip(0, 1) if isinstance(spec, ImageSpec) else copy
    scores = score(data, Shift(code))
    assert scores["pca_mse"] == pytest.approx(((copy - test) ** 2).mean(), rel=1e-3)
    assert scores["pca_mae"] == pytest.approx(np.abs(copy - test).mean(), rel=1e-3)


def test_more_components_than_items_or_values_are_all_there_are() -> None:
    few = noisy(ROWS, train=6)
    assert fit_principal(few, 30, 0).components.shape == (6, 40)
    assert score(noisy(ROWS), Shift(400))["pca_mse"] == pytest.approx(0, abs=1e-9)


def test_components_are_orthonormal_and_codes_are_their_products() -> None:
    data = noisy(ROWS)
    found, x = fit_principal(data, 4, 0), items_of(ROWS, 5)
    assert torch.allclose(found.components @ found.components.T, torch.eye(4), atol=1e-5)
    copy = found.reconstruct(x)
    assert torch.allclose(found.encode(copy), found.encode(x), atol=1e-5)
    assert torch.allclose(found.reconstruct(copy), copy, atol=1e-5)


def test_where_memory_is_short_some_training_items_are_drawn_by_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    items = noisy(ROWS).train
    known = {tuple(row) for row in training_rows(items, 40, 0).tolist()}
    assert len(known) == 80
    monkeypatch.setattr(principal, "FIT_BYTES", 4 * 40 * 10)
    drawn = [training_rows(items, 40, seed) for seed in (0, 0, 1)]
    assert drawn[0].shape == (10, 40)
    assert {tuple(row) for row in drawn[0].tolist()} < known
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


# The errors


def test_errors_are_means_over_values_and_over_items() -> None:
    scores = score(dataset_of(ROWS), Shift(by=0.5))
    assert scores["mse"] == pytest.approx(0.25)
    assert scores["mae"] == pytest.approx(0.5)
    assert scores["squared_error_per_image"] == pytest.approx(40 * 0.25)
    assert "ssim" not in scores


@pytest.mark.parametrize("spec", [ROWS, PICTURES])
def test_scores_do_not_depend_on_the_chunks(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    data, network = noisy(spec), Shift(by=0.1)
    whole = score(data, network)
    monkeypatch.setattr(reconstruction, "at_once", lambda spec: 7)
    assert score(data, network) == pytest.approx(whole, rel=1e-5)


def ssim_by_hand(x: Tensor, y: Tensor, window: int) -> float:
    """Wang et al., 2004, equation 13, over square windows with mirrored borders."""
    padded = (F.pad(image, [window // 2] * 4, mode="reflect") for image in (x, y))
    a, b = (F.unfold(image, window) for image in padded)  # (batch, window^2, places)
    mean_a, mean_b = a.mean(1), b.mean(1)
    both = ((a - mean_a[:, None]) * (b - mean_b[:, None])).mean(1)
    c1, c2 = 0.01**2, 0.03**2
    above = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    below = (mean_a**2 + mean_b**2 + c1) * (a.var(1, correction=0) + b.var(1, correction=0) + c2)
    return (above / below).mean().item()


SIDES = [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (2, 9), (7, 5), (8, 8), (28, 28)]


@pytest.mark.parametrize("side", SIDES)
def test_ssim_is_one_for_a_copy_falls_with_noise_and_is_the_published_formula(side: tuple[int, int]) -> None:
    spec = ImageSpec(1, *side)
    x = torch.rand(40, *spec.shape, generator=torch.Generator().manual_seed(0))
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(1))

    def ssim(copy: Tensor) -> float:
        errors = Errors(spec)
        errors.add(x, copy)
        return errors.scores()["ssim"]

    values = [ssim((x + level * noise).clamp(0, 1)) for level in (0, 0.05, 0.2, 0.6)]
    assert values[0] == pytest.approx(1, abs=1e-4)
    assert values == sorted(values, reverse=True)
    assert values[-1] < 0.8
    window = {1: 1, 2: 1, 3: 3, 4: 3, 5: 5, 8: 7, 28: 7}[min(side)]
    assert values[2] == pytest.approx(ssim_by_hand(x, (x + 0.2 * noise).clamp(0, 1), window), abs=1e-3)


def test_colours_are_judged_one_by_one() -> None:
    spec = ImageSpec(3, 8, 8)
    x = items_of(spec, 5)
    swapped = x[:, [1, 2, 0]]
    errors: Any = Errors(spec)
    errors.add(x, swapped)
    per_channel = [ssim_by_hand(x[:, [c]], swapped[:, [c]], 7) for c in range(3)]
    assert errors.scores()["ssim"] == pytest.approx(sum(per_channel) / 3, abs=1e-3)
