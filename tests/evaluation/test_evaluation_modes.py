import math

import pytest
import torch
from torch import tensor

from understudy.evaluation.modes import compare_classes, divergence


def test_total_variation_by_hand() -> None:
    found = compare_classes(tensor([50, 50, 0]), tensor([20, 5, 0]))
    assert found == {"class_tv": pytest.approx(0.3), "missing_classes": 0}
    assert compare_classes(tensor([3, 1]), tensor([300, 100]))["class_tv"] == pytest.approx(0)
    assert compare_classes(tensor([4, 0]), tensor([0, 9])) == {"class_tv": pytest.approx(1), "missing_classes": 1}


def test_a_class_is_missing_below_a_tenth_of_its_share() -> None:
    real = torch.full((10,), 100)
    made = torch.full((10,), 100)
    made[3], made[4] = 8, 12
    assert compare_classes(real, made)["missing_classes"] == 1


def test_divergence_by_hand() -> None:
    assert divergence(tensor([5, 5]), tensor([70, 70])) == 0
    assert divergence(tensor([8, 0]), tensor([1, 3])) == pytest.approx(math.log(4))
    assert divergence(tensor([1, 1]), tensor([9, 0])) == math.inf
