"""Labelled texts on the command line: learnt, scored, asked."""

import json
from pathlib import Path

import numpy as np
import pytest
from command import understudy
from PIL import Image

import understudy as us
from understudy.run import Run
from understudy.runs.directory import RunDirectory

SMALL = ("--quiet", "--set", "hidden_dim=8", "--set", "embedding_dim=8")


def folder_of(root: Path, labels: tuple[str, ...], count: int) -> Path:
    draw = np.random.default_rng(len(labels))
    for label in labels:
        (root / label).mkdir(parents=True)
        for number in range(count):
            words = [*draw.choice(["the", "film", "was", "a", "story"], draw.integers(1, 6)), f"so{label}"]
            (root / label / f"{number}.txt").write_text(" ".join(draw.permutation(words)))
    return root


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("labelled")
    folder_of(found / "films", ("bad", "good"), 30)
    return found


@pytest.fixture(autouse=True)
def run(place: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(place)
    if not (place / "run").exists():
        options = ("--steps", 120, "--batch", 8, "--lr", 0.02, "--set", "pooling=mean", "--set", "bidirectional=true")
        assert understudy("train", "sequence-classifier", "--data", "films", "--out", "run", *SMALL, *options) == 0
    return "run"


def test_it_is_scored_beside_linear_classifiers_and_shows_what_moved_it(run: str) -> None:
    directory = RunDirectory(Path(run))
    assert directory.scores["accuracy"] == 1.0
    assert {"bag_of_words_accuracy", "majority_accuracy", "bag_of_words_class_nll"} <= set(directory.scores)
    report = (directory.path / "report.html").read_text(encoding="utf-8")
    assert 'class="for"' in report
    assert "said good" in report


def test_it_says_the_class_of_a_text_or_a_file_and_which_words_say_so(
    run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert understudy("predict", run, "The Film was SOgood") == 0
    told = capsys.readouterr().out
    assert told.startswith("good\n")
    assert "for it: SOgood +" in told
    Path("letter.txt").write_text("sobad was the story")
    assert understudy("predict", run, "letter.txt", "so what", "--json") == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first["output"] == "bad"
    assert first["input"] == "letter.txt"
    assert sum(second["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert max(first["words"], key=lambda it: it[1])[0] == "sobad"
    assert [word for word, _ in first["words"]] == ["sobad", "was", "the", "story"]


def test_from_python_texts_go_in_and_names_come_out(run: str) -> None:
    assert Run(run).classify(["this is sobad", "sogood"]) == ["bad", "good"]
    assert Run(run).classify("sogood") == ["good"]
    again = us.train(
        "sequence-classifier", data=(["yes it is", "no it is not"] * 10, ["y", "n"] * 10), steps=3, out="py", quiet=True
    )
    assert again.classify("yes") in (["y"], ["n"])
    assert us.evaluate("run", data=(["sobad", "sogood"] * 3, ["bad", "good"] * 3))["accuracy"] == 1.0


def test_other_texts_are_scored_with_the_runs_class_numbers(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder_of(Path("more"), ("good",), 5)
    assert understudy("evaluate", run, "--data", "more") == 0
    assert "100.00 %" in capsys.readouterr().out
    folder_of(Path("strange"), ("meh",), 5)
    assert understudy("evaluate", run, "--data", "strange") == 0
    told = capsys.readouterr()
    assert "has classes that the run does not know" in told.err
    assert "accuracy" not in told.out


def test_pictures_are_asked_by_file(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        understudy("train", "sequence-classifier", "--data", "digit-rows", "--out", "rows", "--steps", 3, *SMALL) == 0
    )
    Image.fromarray(np.zeros((8, 8), np.uint8)).save("eight.png")
    capsys.readouterr()
    assert understudy("predict", "rows", "eight.png") == 0
    assert capsys.readouterr().out.splitlines()[0] in list("0123456789")
    assert understudy("predict", "rows", "seven") == 2
    assert "no such file: 'seven'; the network reads 1x8x8 images" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["predict", "run", " "], "has no words to read"),
        (["predict", "run", "none.txt"], "no such file: 'none.txt'"),
        (["predict", "run", "so", "--beam", "5"], "beam does not go with sequence-classifier"),
        (
            ["train", "sequence-classifier", "--data", "films/good", "--steps", "2"],
            "texts of a class each belong into subfolders",
        ),
        (["train", "sequence-classifier", "--data", "films", "--set", "polling=max"], "Did you mean 'pooling'"),
        (["train", "sequence-classifier", "--data", "films", "--set", "pooling=men"], "'mean'"),
        (["train", "vae", "--data", "films"], "vae learns from image or vector data"),
        (["evaluate", "run", "--data", "digits"], "run was trained on labelled texts"),
    ],
)
def test_what_cannot_be_done_is_said(words: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert understudy(*words) == 2
    assert expected in capsys.readouterr().err
