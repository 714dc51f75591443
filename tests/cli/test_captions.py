"""Captions on the command line: pictures in, words out."""

import json
from pathlib import Path

import numpy as np
import pytest
from command import understudy
from PIL import Image

from understudy.data.digit_captions import load_digit_captions
from understudy.data.options import DataOptions


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("captions")
    picture = load_digit_captions(DataOptions()).test.x[0, 0].numpy()
    Image.fromarray(picture).save(found / "number.png")
    Image.fromarray(np.kron(picture, np.ones((10, 10), np.uint8))).convert("RGB").save(found / "large.jpg")
    Image.fromarray(np.zeros((20, 20), np.uint8)).save(found / "square.png")
    return found


@pytest.fixture(autouse=True)
def run(place: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(place)
    options = ("--steps", 40, "--quiet", "--set", "hidden_dim=16", "--set", "embedding_dim=8", "--set", "channels=4,8")
    if not (place / "run").exists():
        assert understudy("train", "captioner", "--data", "digit-captions", "--out", "run", *options) == 0
    return "run"


def test_a_picture_file_of_any_size_gets_words(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--beam", 3, "--nbest", 2, "--json", "--trace", "tree.json"]
    assert understudy("predict", run, "number.png", "large.jpg", *words) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["input"] for answer in answers] == ["number.png", "large.jpg"]
    assert all(len(answer["hypotheses"]) == 2 for answer in answers)
    trees = json.loads(Path("tree.json").read_text())
    assert [tree["output"] for tree in trees] == [answer["output"] for answer in answers]
    assert all(node["label"] for node in trees[0]["nodes"])


def test_a_caption_can_be_made_to_begin_and_to_contain(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--prefix", "forty", "--require", "two", "--set", "beta=0.1", "--set", "min_length=3"]
    assert understudy("predict", run, "number.png", *options) == 0
    said = capsys.readouterr().out.split()
    assert said[0].startswith("forty")
    assert "two" in " ".join(said)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["nowhere.png"], "no such file: 'nowhere.png'"),
        (["square.png"], "'square.png' is 20x20; run was trained on pictures of 8x28"),
        (["number.png", "--nbest", "6"], "nbest is at most beam"),
    ],
)
def test_what_cannot_be_read_is_said(
    run: str, words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert understudy("predict", run, *words) == 2
    assert expected in capsys.readouterr().err


def test_the_report_has_what_it_looked_at(run: str) -> None:
    page = Path(run, "report.html").read_text(encoding="utf-8")
    assert "Where it looks, picture 1" in page
    assert "How the beam searches" in page
    assert "1x8x28 images with captions of" in page


def test_pictures_and_captions_of_ones_own(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = place / "own"
    folder.mkdir()
    rows = ["file,caption"]
    for number in range(20):
        Image.fromarray(np.full((16, 20), 250 * (number % 2), np.uint8)).save(folder / f"{number}.png")
        shade = "bright" if number % 2 else "dark"
        rows += [f"{number}.png,a {shade} picture", f"{number}.png,it is {shade}"]
    (folder / "captions.csv").write_text("\n".join(rows))
    options = ("--set", "hidden_dim=16", "--set", "embedding_dim=8", "--set", "channels=4,8", "--set", "image_size=16")
    words = ("--data", "own", "--out", "mine", "--steps", 150, "--lr", 0.02, "--quiet")
    assert understudy("train", "captioner", *words, *options) == 0
    scores = json.loads(Path("mine/scores.json").read_text())
    assert scores["exact_match"] == 1.0
    assert scores["majority_exact_match"] < 1.0
    capsys.readouterr()
    assert understudy("predict", "mine", "own/3.png", "own/4.png") == 0
    told = capsys.readouterr().out
    assert told.index("bright") < told.index("dark")
    (folder / "captions.csv").write_text("file,caption\nnone.png,x\n")
    assert understudy("train", "captioner", "--data", "own") == 2
    assert "names 'none.png', which is not in" in capsys.readouterr().err
