"""A trained run put to use: arrays in, arrays out."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from made import PICTURES, SPECS, items_of
from numpy.typing import NDArray

import understudy as us
from understudy import run as run_module
from understudy import use
from understudy.errors import DataError, OptionError, RunError, UnknownName
from understudy.run import find_run

SMALL: dict[str, Any] = {"steps": 6, "batch": 16, "hidden": [8], "latent_dim": 2, "quiet": True}


@pytest.fixture(scope="module")
def rows() -> NDArray[np.float32]:
    """Rows in odd units: far from 0, and spread unevenly."""
    scale, shift = np.geomspace(0.01, 1000, 40), np.linspace(-5000, 5000, 40)
    return (items_of(SPECS["rows of 40"], 60).numpy() * scale + shift).astype(np.float32)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def of_rows(place: Path, rows: NDArray[np.float32]) -> us.Run:
    return us.train("vae", rows, out=place / "rows", **SMALL)


@pytest.fixture(scope="module")
def of_pictures(place: Path) -> us.Run:
    labels = [f"class {n % 3}" for n in range(60)]
    return us.train("vae", (items_of(PICTURES, 60).numpy(), labels), out=place / "pictures", **SMALL)


@pytest.fixture(scope="module")
def copier(place: Path) -> us.Run:
    return us.train("autoencoder", "digits", out=place / "copier", **SMALL)


def test_a_run_knows_what_it_is(of_pictures: us.Run, place: Path) -> None:
    assert of_pictures.status == "finished"
    assert of_pictures.path == place / "pictures"
    assert of_pictures.spec.shape == (1, 8, 8)
    assert of_pictures.spec.classes == ("class 0", "class 1", "class 2")
    assert of_pictures.findings == []
    assert [event["event"] for event in of_pictures.events] == ["validation", "steps", "end"]
    assert {"nll", "mse", "pca_mse", "independent_nll", "train_seconds", "steps"} <= of_pictures.scores.keys()
    assert "finished" in repr(of_pictures)
    assert not of_pictures.model.training


# Shapes and seeds


def test_samples_have_the_items_shape_and_the_seed_decides_them(of_pictures: us.Run, of_rows: us.Run) -> None:
    for run in (of_pictures, of_rows):
        drawn = run.sample(5, seed=3)
        assert isinstance(drawn, np.ndarray)
        assert drawn.shape == (5, *run.spec.shape)
        assert np.array_equal(drawn, run.sample(5, seed=3))
        assert not np.array_equal(drawn, run.sample(5, seed=4))
        assert run.sample().shape[0] == 16


@pytest.mark.parametrize("wrap", [np.asarray, torch.as_tensor, lambda x: x.tolist()])
def test_one_item_or_many_in_any_form(of_pictures: us.Run, wrap: Any) -> None:
    x = items_of(PICTURES, 7).numpy()
    copies, codes = of_pictures.reconstruct(wrap(x)), of_pictures.encode(wrap(x))
    assert copies.shape == (7, 1, 8, 8)
    assert codes.shape == (7, 2)
    assert np.allclose(of_pictures.reconstruct(wrap(x[3])), copies[3:4], atol=1e-5)
    assert np.allclose(of_pictures.encode(wrap(x[3, 0])), codes[3:4], atol=1e-5)  # a grey picture without its channel


def test_many_items_go_through_in_parts(of_pictures: us.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    x = items_of(PICTURES, 23).numpy()
    whole = of_pictures.encode(x)
    monkeypatch.setattr(run_module, "at_once", lambda spec: 5)
    assert np.allclose(of_pictures.encode(x), whole, atol=1e-5)


def test_items_of_another_shape_are_refused(of_pictures: us.Run, of_rows: us.Run) -> None:
    with pytest.raises(DataError, match="was trained on 1x8x8 images"):
        of_pictures.encode(np.zeros((3, 9, 9)))
    with pytest.raises(DataError, match="was trained on rows of 40 values"):
        of_rows.encode(np.zeros((3, 8)))


# Units


def test_rows_come_back_in_their_own_units(of_rows: us.Run, rows: NDArray[np.float32]) -> None:
    with torch.no_grad():
        scaled = torch.from_numpy((rows - np.array(of_rows.spec.mean)) / np.array(of_rows.spec.std)).float()
        copies = of_rows.model.reconstruct(scaled).numpy()
    assert abs(scaled.numpy()).max() < 10
    expected = copies * np.array(of_rows.spec.std) + np.array(of_rows.spec.mean)
    assert np.allclose(of_rows.reconstruct(rows), expected, rtol=1e-4)
    for made in (of_rows.reconstruct(rows), of_rows.sample(60)):
        # a little trained network is near each column's mean: to within a few of that column's deviations
        assert (np.abs(made - rows.mean(0)) < 4 * rows.std(0)).all()


def test_pictures_stay_between_black_and_white(of_pictures: us.Run) -> None:
    bytes_ = (items_of(PICTURES, 4).numpy() * 255).astype(np.uint8)
    copies = of_pictures.reconstruct(bytes_)
    assert 0 <= copies.min() <= copies.max() <= 1
    assert np.allclose(copies, of_pictures.reconstruct(bytes_ / np.float32(255)), atol=1e-5)


# What it cannot do, and what is not there


def test_what_a_network_cannot_do_it_says_with_those_that_can(copier: us.Run) -> None:
    with pytest.raises(RunError, match="autoencoder cannot sample; these can: vae"):
        copier.sample(3)


def test_a_run_without_weights_says_how_to_get_them(copier: us.Run, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(copier.directory.record.read_text())
    with pytest.raises(RunError, match="has no weights yet; go on with `understudy resume"):
        _ = us.load(tmp_path).model


def test_loading_gives_the_same_network(of_pictures: us.Run) -> None:
    again = us.load(str(of_pictures.path))
    assert np.array_equal(again.sample(4), of_pictures.sample(4))
    assert again.scores == of_pictures.scores
    assert find_run(of_pictures.path).path == of_pictures.path
    with pytest.raises(RunError, match="is not a run"):
        us.load(of_pictures.path / "none")


# A data set through a run


def test_codes_of_all_items_are_those_of_the_splits(copier: us.Run) -> None:
    parts = [use.codes(copier, None, split) for split in ("train", "validation", "test")]
    assert [len(part) for part in parts] == [1294, 144, 359]
    together = use.codes(copier, None, "all")  # in the data's own order, not the splits'
    assert np.allclose(np.sort(together, 0), np.sort(np.concatenate(parts), 0), atol=1e-5)
    with pytest.raises(OptionError, match="takes train, validation, test or all"):
        use.codes(copier, None, "tset")


def test_traversals_and_interpolations_have_their_counts(copier: us.Run) -> None:
    assert use.traversed(copier, None, item=3, dimensions=2, steps=5).shape == (10, 1, 8, 8)
    lines = use.interpolated(copier, None, count=3, steps=4)
    assert lines.shape == (12, 1, 8, 8)
    ends = copier.reconstruct(use.held_out(copier, None, 6))
    assert np.allclose(lines[::4], ends[:3], atol=1e-5)
    assert np.allclose(lines[3::4], ends[3:], atol=1e-5)
    with pytest.raises(OptionError, match="the test split has items 0 to 358"):
        use.traversed(copier, None, item=359, dimensions=2, steps=5)


def test_a_run_on_arrays_asks_for_data(of_rows: us.Run) -> None:
    with pytest.raises(OptionError, match="was trained on arrays; pass --data"):
        use.held_out(of_rows, None, 3)


def test_a_run_that_is_not_there_gets_the_nearest(place: Path, monkeypatch: pytest.MonkeyPatch, copier: us.Run) -> None:
    monkeypatch.chdir(place.parent)
    place.parent.joinpath("runs").symlink_to(place)
    assert find_run("copier").status == copier.status
    with pytest.raises(UnknownName, match="Did you mean 'copier'"):
        find_run("copyer")


def test_importing_understudy_does_not_import_torch() -> None:
    program = (
        "import sys, understudy, understudy.models, understudy.data.sources\n"
        "understudy.models.TABLE, understudy.data.sources.known_names()\n"
        "heavy = {'torch', 'numpy', 'sklearn', 'rich', 'pydantic'} & set(sys.modules)\n"
        "print(sorted(heavy), understudy.__all__)"
    )
    words = [sys.executable, "-c", program]
    told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    assert "torch" not in told
    assert "sklearn" not in told
    assert all(hasattr(us, name) for name in us.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'trian'"):
        _ = us.trian
