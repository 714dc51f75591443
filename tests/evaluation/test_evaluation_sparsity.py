import pytest
import torch
from made import PICTURES, POINTS, dataset_of
from torch import Tensor

from understudy.evaluation.reconstruction import fair_principal
from understudy.evaluation.sparsity import filters, score_sparsity


class Code:
    """Ten units: one always on, one for every fourth item, eight never."""

    def encode(self, x: Tensor) -> Tensor:
        codes = torch.zeros(len(x), 10)
        codes[:, 0] = 2.0
        codes[::4, 1] = 1.0
        return codes

    def asked_activity(self) -> float:
        return 0.2

    def activity(self, codes: Tensor) -> Tensor:
        return (codes > 0).float()

    def filters(self) -> Tensor:
        weights = torch.zeros(30, 1, 8, 8)
        weights[:, 0, 0, 0] = torch.arange(30.0) - 15
        return weights


def test_activity_is_a_mean_over_items_and_units() -> None:
    scores = score_sparsity(Code(), dataset_of(PICTURES, test=16), seed=0)
    assert scores["code_activity"] == pytest.approx((1 + 0.25) / 10)
    assert (scores["asked_activity"], scores["idle_units"]) == (0.2, pytest.approx(0.8))


def test_pca_gets_as_many_numbers_as_are_active() -> None:
    assert len(fair_principal(Code(), dataset_of(PICTURES), 0).components) == 1  # 1.25 of ten


def test_filters_are_drawn_strongest_first_on_grey() -> None:
    (figure,) = filters(Code(), dataset_of(PICTURES), seed=0)
    assert "30 of 30 units" in figure.caption
    assert figure.image[0, 0] == 0  # the strongest is -15: black
    assert figure.image[0, 9] in (0, 255)
    assert figure.image[3, 3] == 128  # no weight: grey
    assert filters(Code(), dataset_of(POINTS), seed=0) == []
