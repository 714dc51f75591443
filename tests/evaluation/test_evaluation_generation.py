import dataclasses

import pytest
import torch
import torch.nn.functional as F
from made import POINTS, dataset_of
from torch import Generator, Tensor

from understudy.data.dataset import Dataset
from understudy.data.memory import ArrayItems
from understudy.data.sources import load
from understudy.data.spec import ImageSpec
from understudy.errors import DataError
from understudy.evaluation.generation import LAPLACIAN, read, score_pictures, sharpness
from understudy.evaluation.supports import LEAST

DIGITS = tuple("0123456789")


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load("digits")


class Draws:
    """Gives training pictures of some classes, worked on or not."""

    def __init__(self, data: Dataset, classes: str = "0123456789", change: object = None) -> None:
        every = data.train.take(torch.arange(len(data.train)))
        kept = torch.isin(every.y, torch.tensor([int(name) for name in classes]))
        self.x, self.change = every.x[kept], change

    def sample(self, count: int, generator: Generator) -> Tensor:
        x = self.x[torch.randint(len(self.x), (count,), generator=generator)]
        return self.change(x) if callable(self.change) else x


def scores(network: object, data: Dataset, seed: int = 0) -> dict[str, float]:
    with torch.no_grad():
        return score_pictures(network, data, seed=seed)


def test_real_pictures_are_as_good_as_real_pictures(digits: Dataset) -> None:
    found = scores(Draws(digits), digits)
    assert found["generated"] == len(digits.test)
    assert found["fid_lenet"] < 2 * found["real_fid_lenet"]
    assert abs(found["kid_lenet"]) < 3 * found["kid_lenet_spread"]
    for name in ("precision", "recall", "density", "coverage"):
        assert found[name] == pytest.approx(found[f"real_{name}"], abs=0.1)
    assert found["judge_accuracy"] > 0.95
    assert found["missing_classes"] == found["real_missing_classes"] == 0
    assert found["class_tv"] < 0.15
    assert found["sharpness"] == pytest.approx(found["real_sharpness"], rel=0.05)


def test_one_class_alone_is_precise_forgets_the_rest_and_is_seen_to(digits: Dataset) -> None:
    found, whole = scores(Draws(digits, "9"), digits), scores(Draws(digits), digits)
    assert found["missing_classes"] == 9
    assert found["class_tv"] == pytest.approx(0.9, abs=0.03)
    assert found["recall"] < 0.6 * whole["recall"]
    assert found["coverage"] < 0.3 < whole["coverage"]
    assert found["precision"] > 0.8
    assert found["fid_lenet"] > 10 * whole["fid_lenet"]
    assert found["kid_lenet"] > 10 * found["kid_lenet_spread"]


def test_blurred_pictures_lose_sharpness_and_noise_brings_too_much(digits: Dataset) -> None:
    blurred = scores(Draws(digits, change=lambda x: F.avg_pool2d(x, 3, 1, padding=1)), digits)
    assert blurred["sharpness"] < 0.2 * blurred["real_sharpness"]
    assert blurred["fid_lenet"] > 2 * blurred["real_fid_lenet"]
    noisy = scores(Draws(digits, change=lambda x: torch.rand_like(x)), digits)
    assert noisy["density"] < 0.5 < blurred["real_density"]
    assert noisy["fid_lenet"] > 2 * noisy["real_fid_lenet"]


def test_the_seed_decides(digits: Dataset) -> None:
    data = dataclasses.replace(digits, spec=dataclasses.replace(digits.spec, classes=()))  # no judge has to learn
    first, again, other = (scores(Draws(digits), data, seed) for seed in (0, 0, 1))
    assert first == again != other


def test_without_classes_there_is_no_judge(digits: Dataset) -> None:
    bare = dataclasses.replace(digits, test=dataclasses.replace(digits.test, y=None))
    assert not {"class_tv", "judge_accuracy"} & set(scores(Draws(digits), bare))


def test_an_unsure_judge_counts_no_classes() -> None:
    spec, draw = ImageSpec(1, 8, 8, DIGITS), torch.Generator().manual_seed(0)
    splits = [ArrayItems(torch.rand(40, 8, 8, generator=draw)[:, None], torch.arange(40) % 10) for _ in range(3)]
    noise = Dataset("noise", spec, *splits, fingerprint="")
    found = scores(Draws(noise), noise)
    assert found["judge_accuracy"] < 0.5
    assert "class_tv" not in found


def test_too_few_pictures_and_other_data_have_no_such_scores(digits: Dataset) -> None:
    few = dataclasses.replace(digits, test=digits.test.only(torch.arange(LEAST - 1)))
    assert scores(Draws(digits), few) == scores(Draws(digits), dataset_of(POINTS)) == {}


def test_what_is_not_finite_is_refused(digits: Dataset) -> None:
    with pytest.raises(DataError, match=r"359 of 359 items are not finite"):
        scores(Draws(digits, change=lambda x: x / 0), digits)


def test_sharpness_is_the_laplacians_variance() -> None:
    x = torch.rand(2, 3, 5, 4, generator=torch.Generator().manual_seed(0))
    kernel = torch.tensor(LAPLACIAN)
    expected = [
        torch.stack([
            (channel[top : top + 3, left : left + 3] * kernel).sum() for top in range(3) for left in range(2)
        ]).var(correction=0)
        for channel in x[1]
    ]  # fmt: skip
    assert sharpness(x)[1].item() == pytest.approx(torch.stack(expected).mean().item(), rel=1e-5)
    assert sharpness(torch.ones(1, 1, 9, 9)).item() == 0
    assert sharpness(torch.rand(4, 1, 2, 9)).tolist() == [0, 0, 0, 0]


def test_everything_is_read_once_whatever_the_batches() -> None:
    x = torch.arange(10.0)[:, None]
    assert torch.equal(read(x.split(3), {"twice": lambda part: 2 * part})["twice"], 2 * x)
