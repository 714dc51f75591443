from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from understudy.data.decode import Header, decode, read_header
from understudy.errors import DataError

RAMP = np.linspace(0, 255, 20).astype(np.uint8).reshape(4, 5)


def saved(folder: Path, picture: Image.Image, name: str = "p.png", **options: object) -> str:
    path = folder / name
    picture.save(path, **options)
    return str(path)


def test_grey_and_colour(tmp_path: Path) -> None:
    grey = saved(tmp_path, Image.fromarray(RAMP))
    assert read_header(grey) == Header(5, 4, True)
    assert np.array_equal(decode(grey, 1, None), RAMP[None])
    assert np.array_equal(decode(grey, 3, None), np.stack([RAMP] * 3))
    colour = np.stack([RAMP, RAMP // 2, 255 - RAMP], axis=2)
    path = saved(tmp_path, Image.fromarray(colour))
    assert read_header(path) == Header(5, 4, False)
    assert np.array_equal(decode(path, 3, None), colour.transpose(2, 0, 1))


def test_transparency_is_laid_on_white(tmp_path: Path) -> None:
    half = Image.merge("LA", [Image.new("L", (2, 2), 0), Image.new("L", (2, 2), 51)])
    path = saved(tmp_path, half)
    assert read_header(path).grey
    assert (decode(path, 1, None) == 204).all()
    assert (decode(saved(tmp_path, Image.new("RGBA", (2, 2), (255, 0, 0, 0))), 3, None) == 255).all()


def test_palettes_are_looked_up(tmp_path: Path) -> None:
    coloured = Image.new("RGB", (3, 3), (10, 200, 30)).quantize(4)
    path = saved(tmp_path, coloured)
    assert not read_header(path).grey
    assert decode(path, 3, None)[:, 0, 0].tolist() == [10, 200, 30]
    greys = Image.fromarray(RAMP).convert("P")
    path = saved(tmp_path, greys, bits=8)
    assert read_header(path).grey
    assert np.array_equal(decode(path, 1, None)[0], RAMP)


def test_one_colour_of_a_palette_may_be_transparent(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.new("P", (2, 2), 0), transparency=0)
    assert (decode(path, 3, None) == 255).all()


def test_sixteen_bits_are_scaled_to_eight(tmp_path: Path) -> None:
    wide = np.array([[0, 257, 32768, 65535]], np.uint16)
    path = saved(tmp_path, Image.fromarray(wide))
    assert read_header(path).grey
    assert decode(path, 1, None).tolist() == [[[0, 1, 128, 255]]]


def test_one_bit(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.fromarray(RAMP > 100))
    assert read_header(path).grey
    assert np.array_equal(decode(path, 1, None)[0], (RAMP > 100) * 255)


def test_the_camera_s_orientation_is_undone(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its right side
    path = saved(tmp_path, Image.fromarray(np.kron(RAMP, np.ones((8, 8), np.uint8))), "p.jpg", exif=exif, quality=95)
    assert read_header(path) == Header(32, 40, True)
    upright = decode(path, 1, None)
    assert upright.shape == (1, 40, 32)
    assert upright[0, :8, -8:].mean() < 20  # what was top left is now top right


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_resizing_scales_the_shorter_side_and_cuts_out_the_centre(tmp_path: Path, suffix: str) -> None:
    wide = np.zeros((100, 300), np.uint8)
    wide[:, 80:220] = 255
    pixels = decode(saved(tmp_path, Image.fromarray(wide), f"p.{suffix}"), 1, 10)
    assert pixels.shape == (1, 10, 10)
    assert pixels.min() > 250


def test_cmyk(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.new("CMYK", (8, 8), (0, 0, 0, 0)), "p.jpg")
    assert not read_header(path).grey
    assert decode(path, 3, None).min() > 250


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "p.png' is empty"),
        (b"hello, I am text", "p.png' is not a PNG or JPEG picture"),
        (b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "is not a PNG or JPEG picture"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0", "p.png"),
    ],
)
def test_headers_that_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "p.png").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_header(str(tmp_path / "p.png"))


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_body_that_is_cut_short(tmp_path: Path, suffix: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    path = Path(saved(tmp_path, Image.fromarray(noise), f"p.{suffix}"))
    path.write_bytes(path.read_bytes()[:-900])
    with pytest.raises(DataError, match=rf"p\.{suffix}' is cut off before its end"):
        read_header(str(path))  # so that a streamed folder is refused before training
    with pytest.raises(DataError, match=rf"cannot decode '.*p\.{suffix}'"):
        decode(str(path), 1, None)


def test_damage_anywhere_names_the_file(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    sound = Path(saved(tmp_path, Image.fromarray(noise))).read_bytes()
    draw = np.random.default_rng(1)
    for _ in range(300):
        broken = bytearray(sound)
        for place in draw.integers(8, len(sound), 4):
            broken[place] = draw.integers(256)
        path = tmp_path / "p.png"
        path.write_bytes(broken)
        try:
            decode(str(path), 3, None)
        except DataError as error:
            assert "p.png" in str(error)


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, Image.new("L", (50, 50)))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(DataError, match="exceeds limit"):
        read_header(path)
