import dataclasses

import numpy as np
import pytest
import torch
from made import PICTURES, POINTS, dataset_of
from sklearn.metrics import roc_auc_score
from torch import Tensor

from understudy.data.memory import ArrayItems
from understudy.evaluation.anomaly import score_anomaly, strangest


class Copier:
    """Copies dark pictures well, bright ones badly."""

    def encode(self, x: Tensor) -> Tensor:
        return x.flatten(1)[:, :2]

    def reconstruct(self, x: Tensor) -> Tensor:
        return x - 0.5 * x.square()


def with_outliers(brightness: float, count: int = 12) -> object:
    data = dataset_of(PICTURES, test=30)
    dark = ArrayItems(0.3 * data.test.take(torch.arange(30)).x)
    bright = ArrayItems(torch.rand(count, 1, 8, 8, generator=torch.Generator().manual_seed(1)) * brightness)
    return dataclasses.replace(data, test=dark, outliers=bright)


def test_the_score_is_the_area_under_the_curve_of_the_errors() -> None:
    data = with_outliers(0.5)
    errors = [
        (Copier().reconstruct(items.x) - items.x).flatten(1).square().sum(1).numpy()
        for items in (data.test, data.outliers)
    ]
    expected = roc_auc_score([0] * 30 + [1] * 12, np.concatenate(errors))
    scores = score_anomaly(Copier(), data, seed=0)
    assert scores["anomaly_auroc"] == pytest.approx(expected)
    assert 0 <= scores["pca_anomaly_auroc"] <= 1


def test_bright_outliers_are_found_and_stand_first() -> None:
    data = with_outliers(1.0)
    assert score_anomaly(Copier(), data, seed=0)["anomaly_auroc"] == 1
    (figure,) = strangest(Copier(), data, seed=0)
    assert "Of the first 21, 12 are of the class that was left out, which is 29% of all" in figure.caption


def test_without_a_class_left_out_there_is_no_score_but_still_a_ranking() -> None:
    data = dataset_of(PICTURES, test=40)
    assert score_anomaly(Copier(), data, seed=0) == {}
    (figure,) = strangest(Copier(), data, seed=0)
    assert "left out" not in figure.caption
    assert strangest(Copier(), dataset_of(POINTS), seed=0) == []
