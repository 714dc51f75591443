from pathlib import Path

import pytest
import torch
from made import PICTURES, POINTS, dataset_of
from torch import Generator, Tensor

from understudy.errors import OptionError, UnknownName
from understudy.evaluation.generation import named, score_pictures

FILE = """
import torch

class MyMeans(torch.nn.Module):
    def forward(self, x):
        assert not self.training
        return x.mean((1, 2))

class Lenet(MyMeans):
    pass

class Flat(torch.nn.Module):
    def forward(self, x):
        return x.mean()

class Wrong(torch.nn.Module):
    def forward(self, x):
        return x @ torch.ones(3, 3)

class NotFinite(torch.nn.Module):
    def forward(self, x):
        return x.flatten(1) / 0

class Demanding(torch.nn.Module):
    def __init__(self, path):
        super().__init__()

class Plain:
    pass
"""


class Draws:
    def sample(self, count: int, generator: Generator) -> Tensor:
        return torch.rand(count, 1, 8, 8, generator=generator)


def scores(in_tmp: Path, target: str) -> dict[str, float]:
    Path("own.py").write_text(FILE)
    with torch.no_grad():
        return score_pictures(Draws(), dataset_of(PICTURES, 96, 40, 40), seed=0, features=target)


def test_every_distance_is_there_once_more_under_the_name_of_the_features(in_tmp: Path) -> None:
    found = scores(in_tmp, "own.py:MyMeans")
    for name in ("fid", "kid", "precision", "recall", "density", "coverage"):
        assert found[f"{name}_my_means"] != found[named("lenet", name)]
        assert f"real_{name}_my_means" in found
    assert found["kid_my_means_spread"] > 0
    assert found["feature_dim_my_means"] == 8
    assert found["feature_dim"] == 64


def test_a_name_that_is_taken_gets_another(in_tmp: Path) -> None:
    found = scores(in_tmp, "own.py:Lenet")
    assert found["fid_own_lenet"] != found["fid_lenet"]


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("own.py:Flat", r"makes \(\) of \(2, 1, 8, 8\); accepted: \(batch, features\)"),
        ("own.py:Wrong", r"cannot take \(2, 1, 8, 8\)"),
        ("own.py:Demanding", "cannot be built.*path"),
        ("own.py:Plain", r"is not a torch\.nn\.Module"),
        ("own.py:MyMean", "did you mean 'MyMeans'"),
        ("other.py:MyMeans", "no file 'other.py'"),
        ("own:MyMeans", r"is not path\.py:Class"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_line(in_tmp: Path, target: str, reason: str) -> None:
    with pytest.raises((OptionError, UnknownName), match=f"(?i){reason}"):
        scores(in_tmp, target)


def test_features_that_are_not_finite_are_refused(in_tmp: Path) -> None:
    with pytest.raises(Exception, match="40 of 40 items' features are not finite"):
        scores(in_tmp, "own.py:NotFinite")


def test_rows_have_no_features(in_tmp: Path) -> None:
    with pytest.raises(OptionError, match="is for pictures"):
        score_pictures(Draws(), dataset_of(POINTS), seed=0, features="own.py:MyMeans")
