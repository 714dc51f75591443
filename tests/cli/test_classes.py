"""Classes on the command line: made on demand, left out, and those of other data."""

from pathlib import Path

import numpy as np
import pytest
from command import understudy
from PIL import Image

from understudy.runs.directory import RunDirectory

DRAW = np.random.default_rng(0)
QUICK = ("--steps", "12", "--quiet")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("classes")


@pytest.fixture(autouse=True)
def run(place: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(place)
    if not (place / "c").exists():
        assert understudy("train", "conditional-vae", "--data", "digits", "--out", "c", *QUICK) == 0
    return "c"


def test_items_of_a_class_are_drawn(run: str) -> None:
    assert understudy("sample", run, "--class", "3", "--count", 5, "--out", "three.npy") == 0
    assert understudy("sample", run, "--class", "4", "--count", 5, "--out", "four.npy") == 0
    assert understudy("sample", run, "--count", 5, "--out", "any.npy") == 0
    three, four = np.load("three.npy"), np.load("four.npy")
    assert three.shape == four.shape == (5, 1, 8, 8)
    assert not np.array_equal(three, four)
    assert understudy("sample", run, "--class", "3", "--class", "4", "--count", 5, "--out", "both.npy") == 0
    assert np.array_equal(np.load("both.npy"), np.concatenate([three, four]))
    assert understudy("sample", run, "--class", "3", "--class", "4", "--count", 5, "--out", "both.png") == 0
    width, height = Image.open("both.png").size
    assert width > 2 * height  # a row of five for each class


def test_a_class_that_is_not_there_and_a_network_without_any(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert understudy("sample", run, "--class", "eleven") == 2
    assert "unknown class 'eleven'" in capsys.readouterr().err
    assert understudy("train", "vae", "--data", "digits", "--out", "v", *QUICK) == 0
    assert understudy("sample", "v", "--class", "3") == 2
    assert "these can: conditional-vae" in capsys.readouterr().err


def test_a_class_is_left_out_and_scored() -> None:
    assert understudy("train", "autoencoder", "--data", "digits", "--set", "leave_out=3", "--out", "a", *QUICK) == 0
    scores = RunDirectory(Path("a")).scores
    assert {"anomaly_auroc", "pca_anomaly_auroc"} <= set(scores)
    assert understudy("train", "autoencoder", "--data", "digits", "--set", "leave_out=x", "--out", "b", *QUICK) == 2


@pytest.mark.parametrize("labels", [None, [f"d{number % 10}" for number in range(40)]])
def test_other_data_without_the_runs_classes_is_scored_without_classes(
    run: str, labels: list[str] | None, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = DRAW.integers(0, 256, (40, 8, 8), np.uint8)
    np.savez("other.npz", **({"x": pictures} if labels is None else {"x": pictures, "y": np.array(labels)}))
    assert understudy("evaluate", run, "--data", "other.npz") == 0
    told = capsys.readouterr()
    assert "accuracy" not in told.out.replace("probe_accuracy", "")
    assert "nll" in told.out
    assert ("classes that the run does not know" in told.err) == (labels is not None)


def test_an_empty_list_is_an_option_too() -> None:
    assert understudy("train", "vae", "--data", "digits", "--set", "hidden=", "--out", "e", *QUICK) == 0
    assert RunDirectory(Path("e")).read()["config"]["model"]["hidden"] == []


def test_more_halvings_than_the_picture_has_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    deep = ("--set", "channels=4,4,4,4,4")
    assert understudy("train", "conv-autoencoder", "--data", "digits", "--out", "d", *deep, *QUICK) == 2
    assert "use at most 3 channels, such as --set channels=4,4,4" in capsys.readouterr().err
