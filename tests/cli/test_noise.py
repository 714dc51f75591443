"""GANs on the command line: what is drawn from noise."""

import re
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


def test_the_display_has_both_losses_first_and_then_what_they_are_made_of(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert understudy("train", "wgan-gp", "--data", "digits", "--steps", "4", "--set", "log_every=2") == 0
    line = next(line for line in capsys.readouterr().err.splitlines() if "step 4/4" in line)
    number = r"-?[\d.e-]+"
    assert re.search(
        rf"\| loss: discriminator {number}, generator {number} "
        rf"\| discriminator real {number} fake {number} penalty {number} penalty_norm {number} \|",
        line,
    )
    assert understudy("train", "vae", "--data", "digits", "--steps", "4", "--set", "log_every=2") == 0
    line = next(line for line in capsys.readouterr().err.splitlines() if "step 4/4" in line)
    assert re.search(rf"\| loss {number} reconstruction {number} kl {number} \|", line)
