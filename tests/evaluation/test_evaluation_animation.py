import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from understudy.evaluation import animation
from understudy.evaluation.animation import LAST_MILLISECONDS, MILLISECONDS, MOST_BYTES, encoded
from understudy.evaluation.figures import Figure, save_figures

DRAW = np.random.default_rng(0)


def frames_of(data: bytes | Path) -> list[np.ndarray]:
    picture = Image.open(io.BytesIO(data) if isinstance(data, bytes) else data)
    found = []
    for number in range(picture.n_frames):
        picture.seek(number)
        found.append(np.asarray(picture.convert("RGB")))
    return found


def noise(count: int, *shape: int) -> list[np.ndarray]:
    return [DRAW.integers(0, 256, shape, dtype=np.uint8) for _ in range(count)]


def test_few_greys_come_back_as_they_were_each_for_its_time() -> None:
    frames = [np.kron(DRAW.integers(0, 2, (4, 6)), np.full((5, 5), 255)).astype(np.uint8) for _ in range(7)]
    data = encoded(frames)
    assert [np.array_equal(found[..., 0], frame) for found, frame in zip(frames_of(data), frames, strict=True)] == (
        [True] * 7
    )
    picture = Image.open(io.BytesIO(data))
    times = []
    for number in range(7):
        picture.seek(number)
        times.append(picture.info["duration"])
    assert times == [MILLISECONDS] * 6 + [LAST_MILLISECONDS]
    assert picture.info["loop"] == 0


def test_few_colours_come_back_as_they_were() -> None:
    colours = np.array([[255, 255, 255], [217, 72, 1], [73, 82, 94], [168, 182, 200]], np.uint8)
    frames = [colours[np.kron(DRAW.integers(0, 4, (6, 6)), np.ones((8, 8), np.int64))] for _ in range(5)]
    assert all(np.array_equal(*pair) for pair in zip(frames_of(encoded(frames)), frames, strict=True))


@pytest.mark.parametrize("shape", [(300, 300), (300, 300, 3)])
def test_what_does_not_compress_is_made_to_fit_and_ends_with_its_last_frame(shape: tuple[int, ...]) -> None:
    frames = [*noise(60, *shape), np.zeros(shape, np.uint8)]
    data = encoded(frames)
    assert len(data) <= MOST_BYTES
    found = frames_of(data)
    assert 2 <= len(found) < 61
    assert not found[-1].any()


def test_the_smallest_is_taken_where_none_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(animation, "MOST_BYTES", 10)
    assert len(frames_of(encoded(noise(13, 20, 20)))) == 3  # of every sixth, from the last one back


def test_a_moving_figure_is_a_picture_of_the_report(tmp_path: Path) -> None:
    frames = [np.full((4, 4), shade, np.uint8) for shade in (0, 255)]
    save_figures([Figure("film", "A film", "Of two.", frames=frames)], tmp_path / "figures")
    assert [frame[0, 0, 0] for frame in frames_of(tmp_path / "figures" / "film.png")] == [0, 255]
    assert '"kind": "image"' in (tmp_path / "figures" / "index.json").read_text()
