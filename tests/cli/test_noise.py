"""GANs on the command line: what is drawn from noise."""

from pathlib import Path

import numpy as np
import pytest
from command import understudy
from PIL import Image

QUICK = ("--steps", "4", "--quiet")


@pytest.fixture
def run(in_tmp: Path) -> str:
    assert understudy("train", "gan", "--data", "digits", "--out", "g", *QUICK) == 0
    return "g"


def test_a_gan_goes_from_noise_to_noise(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert understudy("interpolate", run, "--count", 3, "--steps", 4, "--out", "one.npy") == 0
    assert understudy("interpolate", run, "--count", 3, "--steps", 4, "--seed", 1, "--out", "two.npy") == 0
    assert understudy("interpolate", run, "--count", 3, "--steps", 4) == 0
    one, two = np.load("one.npy"), np.load("two.npy")
    assert one.shape == (12, 1, 8, 8)
    assert not np.array_equal(one, two)
    width, height = Image.open("interpolation.png").size
    assert width * 3 == pytest.approx(height * 4, rel=0.02)
    assert understudy("interpolate", run, "--data", "digits") == 2
    assert "leave --data out" in capsys.readouterr().err


def test_the_display_names_each_player_once(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("train", "gan", "--data", "digits", "--steps", "4", "--set", "log_every=2")
    assert understudy(*words) == 0
    line = next(line for line in capsys.readouterr().err.splitlines() if "step 4/4" in line)
    assert "| discriminator loss " in line
    assert "| generator loss " in line
    assert line.count("discriminator") == line.count("generator") == 1
