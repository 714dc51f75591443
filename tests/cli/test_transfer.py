"""Pictures carried to another domain from the command line and from Python."""

import json
from pathlib import Path

import numpy as np
import pytest
from command import understudy
from PIL import Image

import understudy as us
from understudy.errors import RunError, UnknownName

QUICK = ("--steps", "3", "--batch", "4", "--quiet", "--set", "generator_channels=4")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("transfer")
    draw = np.random.default_rng(0)
    for side, count in (("trainA", 12), ("trainB", 9), ("testA", 8), ("testB", 8)):
        (place / "pets" / side).mkdir(parents=True)
        for number in range(count):
            Image.fromarray(draw.integers(0, 256, (12, 12), np.uint8)).save(place / "pets" / side / f"{number}.png")
    return place


@pytest.fixture(autouse=True)
def run(place: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(place)
    if not (place / "c").exists():
        assert understudy("train", "cyclegan", "--data", "pets", "--out", "c", *QUICK) == 0
    return "c"


def test_a_run_on_a_folder_of_two_domains_is_scored_and_shown(run: str) -> None:
    found = us.load(run)
    assert {"fid_lenet_a_to_b", "identity_fid_lenet_b_to_a", "cycle_mae_b_to_a"} <= set(found.scores)
    page = (found.path / "report.html").read_text()
    assert "From A to B" in page
    assert "Left as it is" in page
    losses = [event["loss"] for event in found.events if event["event"] == "steps"]
    assert {"generators/cycle", "discriminators/fake"} <= set(losses[-1])


def test_a_picture_goes_to_a_file(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert understudy("predict", run, "pets/testA/0.png", "--to", "B", "--out", "made.png") == 0
    assert capsys.readouterr().out == "made.png\n"
    pixels = np.asarray(Image.open("pets/testA/0.png"))
    made = np.asarray(Image.open("made.png"))
    expected = us.load(run).transfer(pixels, to="B")
    assert np.abs(made - 255 * expected[0, 0]).max() <= 0.5
    assert understudy("predict", run, "pets/testA/0.png", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"input": "pets/testA/0.png", "output": "0-B.png", "to": "B"}
    assert Path("0-B.png").read_bytes() == Path("made.png").read_bytes()
    assert not np.array_equal(us.load(run).transfer(pixels, to="A"), expected)


def test_a_folder_goes_to_a_folder(run: str) -> None:
    assert understudy("predict", run, "pets/testB", "--to", "A", "--out", "there") == 0
    assert sorted(file.name for file in Path("there").iterdir()) == [f"{number}-A.png" for number in range(8)]


def test_what_cannot_be_written_or_read_is_said(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    def told(*arguments: str) -> str:
        assert understudy("predict", run, *arguments) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        return error

    one, two = "pets/testA/0.png", "pets/testA/1.png"
    assert "unknown domain 'C'. Known: A, B" in told(one, "--to", "C")
    assert "'x.png' is one picture, and there are 2; name a folder" in told(one, two, "--out", "x.png")
    assert "there is no folder 'no'" in told(one, "--out", "no/x.png")
    assert "'no/there' is no folder" in told(one, "--out", "no/there")
    assert "2 of the pictures would be '0-B.png'" in told(one, "pets/testB/0.png")
    assert "no such file: 'no.png'; the network reads 1x12x12 images" in told("no.png")
    assert "no pictures in 'pets'" in told("pets")
    assert "beam does not go with cyclegan; it takes to, out" in told(one, "--beam", "3")
    with pytest.raises(UnknownName, match="unknown domain"):
        us.load(run).transfer(np.zeros((12, 12)), to="C")


def test_networks_without_domains_do_not_carry(run: str) -> None:
    us.train("autoencoder", data="digits", steps=2, quiet=True, out="a")
    with pytest.raises(RunError, match="autoencoder cannot transfer; these can: cyclegan"):
        us.load("a").transfer(np.zeros((8, 8)), to="B")
