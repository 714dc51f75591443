import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from understudy.evaluation.figures import Figure, grid, groups, save_figures, scatter


@given(st.integers(1, 9), st.integers(1, 5), st.integers(0, 3), st.sampled_from([1, 3]))
def test_each_picture_has_its_cell_and_the_rest_is_grey(count: int, columns: int, gap: int, channels: int) -> None:
    images = torch.arange(count).div(255).view(count, 1, 1, 1).expand(count, channels, 3, 2)
    sheet = grid(images, columns, gap=gap)
    rows = -(-count // columns)
    assert sheet.shape == ((3 + gap) * rows - gap, (2 + gap) * columns - gap) + ((3,) if channels == 3 else ())
    untouched = np.ones(sheet.shape[:2], bool)
    for number in range(count):
        top, left = number // columns * (3 + gap), number % columns * (2 + gap)
        assert (sheet[top : top + 3, left : left + 2] == number).all()
        untouched[top : top + 3, left : left + 2] = False
    assert (sheet[untouched] == 128).all()


def test_values_beyond_the_range_are_cut_and_channels_keep_their_order() -> None:
    image = torch.tensor([-1.0, 0.5, 2.0]).view(1, 3, 1, 1)
    assert grid(image, 1).tolist() == [[[0, 128, 255]]]


def test_points_keep_their_place_and_their_class() -> None:
    points = torch.tensor([[0.123456, 1.0], [-2.0, 3.0]])
    found = scatter(points, torch.tensor([1, 0]), ("a", "b"), ("x", "y"))
    assert found == {
        "kind": "scatter",
        "x_label": "x",
        "y_label": "y",
        "classes": ["a", "b"],
        "points": [[0.1235, 1.0, 1], [-2.0, 3.0, 0]],
    }
    assert [row[2] for row in scatter(points, None, (), ("x", "y"))["points"]] == [-1, -1]


def test_clouds_are_told_apart_by_their_names() -> None:
    found = groups({"real": torch.zeros(2, 2), "made": torch.ones(1, 2)}, ("x", "y"))
    assert found["classes"] == ["real", "made"]
    assert found["points"] == [[0, 0, 0], [0, 0, 0], [1, 1, 1]]


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 3)])
def test_figures_are_files_with_an_index(shape: tuple[int, ...], tmp_path: Path) -> None:
    image = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    plane = scatter(torch.zeros(1, 2), None, (), ("x", "y"))
    figures = [Figure("picture", "A", "a", image=image), Figure("plane", "B", "b", plot=plane)]
    save_figures(figures, tmp_path / "figures")
    index = json.loads((tmp_path / "figures" / "index.json").read_text())
    assert [(line["file"], line["kind"], line["title"], line["caption"]) for line in index] == [
        ("picture.png", "image", "A", "a"),
        ("plane.json", "scatter", "B", "b"),
    ]
    assert np.array_equal(np.asarray(Image.open(tmp_path / "figures" / "picture.png")), image)
    assert json.loads((tmp_path / "figures" / "plane.json").read_text()) == plane
    assert len(list((tmp_path / "figures").iterdir())) == 3


def test_a_verb_replaces_its_own_figures_alone(tmp_path: Path) -> None:
    folder = tmp_path / "figures"

    def titles(by: str, *figures: tuple[str, str]) -> list[str]:
        save_figures([Figure(name, title, "", text=title) for name, title in figures], folder, by)
        return [line["title"] for line in json.loads((folder / "index.json").read_text())]

    assert titles("flow", ("a", "flow a"), ("b", "flow b")) == ["flow a", "flow b"]
    assert titles("evaluate", ("c", "score c"), ("d", "score d")) == ["score c", "score d", "flow a", "flow b"]
    assert titles("flow", ("a", "flow again")) == ["score c", "score d", "flow again"]
    assert titles("film", ("a", "film a")) == ["score c", "score d", "film a"]  # one file has one title
    assert titles("evaluate", ("d", "score again")) == ["score again", "film a"]
    assert (folder / "d.txt").read_text() == "score again"


def test_an_index_of_an_earlier_version_is_evaluations(tmp_path: Path) -> None:
    folder = tmp_path / "figures"
    save_figures([Figure("old", "Old", "", text="x")], folder)
    lines = json.loads((folder / "index.json").read_text())
    (folder / "index.json").write_text(json.dumps([{key: line[key] for key in line if key != "by"} for line in lines]))
    save_figures([Figure("new", "New", "", text="y")], folder)
    assert [line["title"] for line in json.loads((folder / "index.json").read_text())] == ["New"]
