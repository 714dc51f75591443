from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import understudy as us
from understudy.data.dataset import SPLITS
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.errors import DataError, OptionError, UnknownName


def test_the_class_is_in_no_split_and_all_of_it_is_an_outlier() -> None:
    whole, data = load("digits"), load("digits", DataOptions(leave_out="3"))
    assert data.spec.classes == tuple("012456789"), "a network that learns classes never hears of it"
    names = [int(name) for name in data.spec.classes]
    for split in ("train", "validation", "test"):
        kept = whole.split(split).take(torch.nonzero(whole.split(split).y != 3).flatten())
        found = data.split(split).take(torch.arange(len(data.split(split))))
        assert torch.equal(found.x, kept.x)
        assert [names[number] for number in found.y] == kept.y.tolist()
    assert data.outliers is not None
    taken = data.outliers.take(torch.arange(len(data.outliers)))
    assert taken.y is None
    threes = torch.cat([it.take(torch.nonzero(it.y == 3).flatten()).x for it in map(whole.split, SPLITS)])
    assert torch.equal(taken.x, threes)
    assert sum(data.sizes.values()) + len(data.outliers) == sum(whole.sizes.values())


def test_outliers_come_in_the_order_that_is_asked_for() -> None:
    outliers = load("digits", DataOptions(leave_out="0")).outliers
    assert outliers is not None
    every = outliers.to(torch.device("cpu")).take(torch.arange(len(outliers)))
    index = torch.tensor([len(outliers) - 1, 0, 5, len(outliers) - 1])
    assert torch.equal(outliers.take(index).x, every.x[index])


@pytest.mark.parametrize("memory", ["keep", "stream"])
def test_a_folder_of_classes_works_too(tmp_path: Path, memory: str) -> None:
    for number, name in enumerate(("cat", "dog", "owl")):
        (tmp_path / name).mkdir()
        for count in range(10):
            Image.fromarray(np.full((6, 6), 60 * number + count, np.uint8)).save(tmp_path / name / f"{count}.png")
    data = load(tmp_path, DataOptions(leave_out="dog", memory=memory))  # type: ignore[arg-type]
    assert data.outliers is not None
    assert len(data.outliers) == 10
    values = (255 * data.outliers.take(torch.arange(10)).x.amax((1, 2, 3))).round()
    assert sorted(values.tolist()) == [60 + count for count in range(10)]


def test_rows_are_standardised_by_what_is_left() -> None:
    generator = np.random.default_rng(0)
    rows = np.concatenate([generator.normal(5, 2, (200, 3)), generator.normal(500, 1, (100, 3))])
    labels = np.array(["near"] * 200 + ["far"] * 100)
    data = load((rows, labels), DataOptions(leave_out="far"))
    x = data.train.take(torch.arange(len(data.train))).x
    assert torch.allclose(x.mean(0), torch.zeros(3), atol=1e-5)
    assert torch.allclose(x.std(0, correction=0), torch.ones(3), atol=1e-4)
    assert data.outliers is not None
    outliers = data.outliers.take(torch.arange(100)).x
    back = data.spec.to_user(outliers.numpy())
    assert back.mean() == pytest.approx(500, abs=0.5)


def test_what_cannot_be_left_out_is_said() -> None:
    with pytest.raises(UnknownName, match="class in 'digits'"):
        load("digits", DataOptions(leave_out="eleven"))
    with pytest.raises(OptionError, match="has no classes"):
        load(np.random.default_rng(0).normal(size=(50, 4)), DataOptions(leave_out="1"))
    with pytest.raises(DataError, match="leaves nothing in the"):
        load((np.zeros((10, 4)), np.array([0] * 10)), DataOptions(leave_out="0"))


def test_a_run_scores_it_and_resumes_and_evaluates_without_it(tmp_path: Path) -> None:
    run = us.train("autoencoder", data="digits", steps=60, out=tmp_path / "run", quiet=True, leave_out="1")
    assert 0 < run.scores["anomaly_auroc"] <= 1
    assert "pca_anomaly_auroc" in run.scores
    assert us.evaluate(tmp_path / "run")["anomaly_auroc"] == run.scores["anomaly_auroc"]
    assert us.evaluate(tmp_path / "run", data="digits").keys() >= {"mse"}
