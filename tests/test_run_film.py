"""The film of a run: in its figures and its report, whole however often the run was stopped."""

import json
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from made import PICTURES, POINTS, items_of
from numpy.typing import NDArray
from PIL import Image

import understudy as us
from understudy.errors import OptionError
from understudy.training.checkpoint import load_tree, save_tree
from understudy.training.loop import Observer
from understudy.training.session import Session

pytestmark = pytest.mark.usefixtures("in_tmp")
SMALL: dict[str, Any] = {"steps": 30, "batch": 16, "hidden": [8], "latent_dim": 2, "film": 5}


@pytest.fixture
def points() -> NDArray[np.float32]:
    return items_of(POINTS, 90).numpy()


def train(data: Any, **options: Any) -> us.Run:
    return us.train("vae", data, quiet=True, **{**SMALL, **options})


class StopsAt(Observer):
    def __init__(self, *steps: int) -> None:
        self.steps = steps

    def on_step(self, session: Session) -> None:
        if session.progress.step in self.steps:
            signal.raise_signal(signal.SIGINT)


class Breaks(Observer):
    """Makes the weights NaN after a step."""

    def __init__(self, step: int) -> None:
        self.step = step

    def on_step(self, session: Session) -> None:
        if session.progress.step == self.step:
            for parameter in session.network.parameters():
                parameter.data.fill_(torch.nan)


def index(run: us.Run) -> list[str]:
    return [line["file"] for line in json.loads((run.path / "figures" / "index.json").read_text())]


def test_the_film_comes_first_among_the_figures_and_is_in_the_report(points: NDArray[np.float32]) -> None:
    run = train(points)
    assert index(run)[:2] == ["film.png", "film-strip.png"]
    assert Image.open(run.path / "figures" / "film.png").n_frames == 6
    report = (run.path / "report.html").read_text()
    assert report.index("Samples over training") < report.index("Reconstructions")
    assert train(points, film=0).record["config"]["training"]["film"] == 0
    assert "film.png" not in index(us.load("runs/vae-array-2"))


def test_pictures_have_one_too_and_scoring_again_keeps_it() -> None:
    np.save("pictures.npy", items_of(PICTURES, 90).numpy())
    run = train("pictures.npy")
    before = (run.path / "figures" / "film.png").read_bytes()
    us.evaluate(run.path)
    assert index(run)[:2] == ["film.png", "film-strip.png"]
    assert (run.path / "figures" / "film.png").read_bytes() == before


def test_a_run_that_was_stopped_again_and_again_has_the_whole_film(points: NDArray[np.float32]) -> None:
    whole = train(points, seed=3)
    stop = StopsAt(4, 7, 20)
    broken = train(points, seed=3, out="broken", observers=[stop])
    while broken.status != "finished":
        broken = us.resume("broken", data=points, quiet=True, observers=[stop])
    for name in index(whole):
        assert (whole.path / "figures" / name).read_bytes() == (broken.path / "figures" / name).read_bytes()


def test_a_run_that_diverged_shows_how(points: NDArray[np.float32]) -> None:
    run = train(points, observers=[Breaks(21)], log_every=10)
    assert run.status == "diverged"
    assert index(run) == ["film.png", "film-strip.png"]
    assert 4 <= Image.open(run.path / "figures" / "film.png").n_frames <= 6


def test_a_checkpoint_from_before_there_were_films_goes_on(points: NDArray[np.float32]) -> None:
    run = train(points, observers=[StopsAt(10)])
    tree = load_tree(run.directory.checkpoint)
    del tree["kept"]
    save_tree(run.directory.checkpoint, tree)
    assert us.resume(run.path, data=points, quiet=True).status == "finished"


def test_a_film_of_nothing_is_refused_before_anything_is_written(points: NDArray[np.float32]) -> None:
    with pytest.raises(OptionError, match="leave film out"):
        us.train("autoencoder", points, quiet=True, steps=3, latent_dim=1, film=4)
    assert not Path("runs").exists()
