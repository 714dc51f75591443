"""Wrong requests: each gives one clear line and exit code 2, and loses nothing."""

import gzip
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from understudy.cli import main

TRAIN = ["train", "autoencoder", "--quiet", "--steps", "2"]
DIGITS = [*TRAIN, "--data", "digits"]

# arguments, and what the line must say: what was received and what to do
WRONG: dict[str, tuple[list[str], str]] = {
    "unknown verb": (["trian", "vae"], r"'trian'.*Did you mean 'train'"),
    "unknown flag before the verb": (["--versoin"], r"--versoin.*understudy --help"),
    "none to draw": (["sample", "run", "--count", "0"], r"--count.*greater than or equal to 1"),
    "unknown flag": ([*DIGITS, "--epoch", "3"], r"--epoch.*--epochs"),
    "no network": (["train", "--data", "digits"], r"no network.*understudy models"),
    "unknown network": (["train", "vea", "--data", "digits"], r"'vea'.*Did you mean 'vae'"),
    "no data": (["train", "vae", "--steps", "2"], r"no data.*understudy data"),
    "unknown data": ([*TRAIN, "--data", "digit"], r"'digit'.*Did you mean 'digits'"),
    "unknown option": ([*DIGITS, "--set", "latnt_dim=3"], r"'latnt_dim'.*Did you mean 'latent_dim'"),
    "option of another network": ([*DIGITS, "--set", "beta=3"], r"'beta'"),
    "set without value": ([*DIGITS, "--set", "latent_dim"], r"key=value.*'latent_dim'"),
    "set twice": ([*DIGITS, "--set", "latent_dim=3", "--set", "latent_dim=4"], r"latent_dim.*twice"),
    "text for a number": ([*DIGITS, "--set", "latent_dim=many"], r"latent_dim='many'.*integer"),
    "negative size": ([*DIGITS, "--set", "latent_dim=-1"], r"latent_dim=-1.*greater than or equal to 1"),
    "zero layer": ([*DIGITS, "--set", "hidden=64,0"], r"sizes of 1 or more"),
    "even kernel": ([*DIGITS, "--set", "kernel_size=4"], r"kernel_size must be odd.*4"),
    "unknown activation": ([*DIGITS, "--set", "activation=rulu"], r"'rulu'.*'relu'"),
    "unknown optimizer": ([*DIGITS, "--set", "optimizer=adm"], r"'adm'.*'adam'"),
    "unknown schedule": ([*DIGITS, "--set", "schedule=triangle"], r"'triangle'.*'one-cycle'"),
    "negative rate": ([*DIGITS, "--lr", "-1"], r"learning_rate=-1"),
    "rate of zero": ([*DIGITS, "--lr", "0"], r"learning_rate=0.*greater than 0"),
    "rate that is no number": ([*DIGITS, "--lr", "fast"], r"--lr.*(float|number)"),
    "batch of zero": ([*DIGITS, "--batch", "0"], r"batch=0"),
    "no steps": (["train", "vae", "--data", "digits", "--steps", "0"], r"steps=0"),
    "two budgets": ([*DIGITS, "--epochs", "2"], r"one of epochs, steps and minutes.*epochs and steps"),
    "negative minutes": (["train", "vae", "--data", "digits", "--minutes", "-3"], r"minutes=-3"),
    "negative seed": ([*DIGITS, "--seed", "-3"], r"seed.*-3"),
    "unknown device": ([*DIGITS, "--device", "gpu"], r"'gpu'.*auto or cpu"),
    "unknown precision": ([*DIGITS, "--precision", "fp8"], r"'fp8'.*'bf16'"),
    "milestones without factors": (
        [*DIGITS, "--set", "schedule=piecewise", "--set", "milestones=0.5"], r"1 milestones need as many factors"),
    "piecewise without milestones": ([*DIGITS, "--set", "schedule=piecewise"], r"piecewise and milestones"),
    "overcomplete code": ([*DIGITS, "--set", "latent_dim=64"], r"code of 64.*items of 64.*latent_dim=32"),
    "noise beyond all": (
        ["train", "denoising-autoencoder", "--data", "digits", "--set", "noise=masking", "--set", "noise_level=2"],
        r"noise_level.*below 1"),
    "conv on rows": (["train", "conv-autoencoder", "--data", "rows.npy"], r"needs pictures.*rows of 5 values"),
    "bernoulli on rows": (
        ["train", "vae", "--data", "rows.npy", "--set", "likelihood=bernoulli"], r"bernoulli.*gaussian"),
    "image size on rows": ([*TRAIN, "--data", "rows.npy", "--image-size", "8"], r"image.size"),
    "no such path": ([*TRAIN, "--data", "photos/none"], r"photos/none"),
    "empty folder": ([*TRAIN, "--data", "empty"], r"empty.*(png|PNG)"),
    "corrupt picture": ([*TRAIN, "--data", "corrupt"], r"broken\.png"),
    "mixed sizes": ([*TRAIN, "--data", "mixed"], r"(a|b)\.png.*--image-size"),
    "truncated IDX": ([*TRAIN, "--data", "cut-images-idx3-ubyte.gz"], r"cut-images-idx3-ubyte\.gz"),
    "labels that do not match": ([*TRAIN, "--data", "pair.npz"], r"pair\.npz.*20.*19|pair\.npz.*19.*20"),
    "floats out of range": ([*TRAIN, "--data", "range.npy"], r"range\.npy.*-3.*0 to 1"),
    "not a number": ([*TRAIN, "--data", "nan.npy"], r"nan\.npy"),
    "five axes": ([*TRAIN, "--data", "five.npy"], r"five\.npy"),
    "strings": ([*TRAIN, "--data", "text.npy"], r"text\.npy"),
    "not an array": ([*TRAIN, "--data", "fake.npy"], r"fake\.npy"),
    "unknown kind of file": ([*TRAIN, "--data", "notes.docx"], r"notes\.docx.*accepted"),
    "too few items": ([*TRAIN, "--data", "two.npy"], r"two.*at least 3"),
    "no run file": (["train", "--config", "none.toml"], r"none\.toml"),
    "broken run file": (["train", "--config", "broken.toml"], r"broken\.toml.*line 2"),
    "unknown key in run file": (["train", "--config", "typo.toml"], r"'trainning'.*Did you mean 'training'"),
    "own network that is not there": (["train", "none.py:Net", "--data", "digits"], r"none\.py"),
    "own network that fails": (["train", "fails.py:Net", "--data", "digits"], r"fails\.py.*ZeroDivisionError"),
    "own network without the class": (["train", "nets.py:Net", "--data", "digits"], r"'Net'.*nets\.py|nets\.py.*'Net'"),
    "out exists": ([*DIGITS, "--out", "run"], r"'run' exists.*--out"),
    "out under a file": ([*DIGITS, "--out", "rows.npy/run"], r"rows\.npy/run"),
    "no such run": (["resume", "rum"], r"rum.*not a run|'rum'"),
    "run without record": (["evaluate", "empty"], r"'empty' is not a run.*run\.json"),
    "damaged record": (["report", "damaged"], r"damaged"),
    "sampling from an autoencoder": (["sample", "run"], r"autoencoder cannot sample.*vae"),
    "sample to a strange file": (["sample", "run", "--out", "x.mp3"], r"cannot sample|x\.mp3"),
    "no pictures asked for": (["reconstruct", "run", "--count", "0"], r"--count"),
    "codes as a picture": (["encode", "run", "--out", "codes.png"], r"codes\.png.*\.npy"),
    "samples of no likelihood": (["evaluate", "run", "--samples", "9"], r"takes samples"),
    "features of no samples": (["evaluate", "run", "--features", "own.py:Own"], r"takes features"),
    "training on no samples": (["evaluate", "run", "--train-on-generated"], r"takes train_on_generated"),
    "no samples": (["evaluate", "run", "--samples", "0"], r"--samples"),
    "unknown split": (["encode", "run", "--split", "dev"], r"'dev'.*train, validation, test"),
    "out in no folder": (["reconstruct", "run", "--out", "none/x.png"], r"none"),
    "item out of reach": (["traverse", "run", "--item", "100000"], r"100000.*0 to"),
    "other data": (["reconstruct", "run", "--data", "rows.npy"], r"1x8x8.*rows of 5"),
    "compare nothing": (["compare"], r"RUN"),
    "compare a stranger": (["compare", "run", "empty"], r"'empty' is not a run"),
    "no runs": (["runs", "--root", "none"], r"none"),
    "describe a stranger": (["describe", "cnn"], r"'cnn'"),
    "check without a class": (["check-gradients", "layers.py"], r"'layers\.py'.*layers\.py:Dense"),
    "check a file that is not there": (["check-gradients", "none.py:Dense"], r"none\.py"),
    "check a class that is not there": (["check-gradients", "layers.py:Dens"], r"'Dens'.*Did you mean 'Dense'"),
    "check without input": (["check-gradients", "layers.py:Dense"], r"no input.*example_input"),
    "check a strange shape": (["check-gradients", "layers.py:Dense", "--input-shape", "4,x"], r"4,x.*4,5"),
    "check a shape that does not fit": (
        ["check-gradients", "layers.py:Dense", "--input-shape", "4,7"], r"forward fails.*\(4, 7\).*ValueError"),
    "check what needs arguments": (
        ["check-gradients", "layers.py:Sized", "--input-shape", "4,5"], r"Sized\(\) fails.*without arguments"),
    "check what has no backward": (
        ["check-gradients", "layers.py:Forward", "--input-shape", "4,5"], r"Forward has no backward.*forward\(x\)"),
    "check what is random": (
        ["check-gradients", "layers.py:Noise", "--input-shape", "4,5"], r"Noise.forward.*each time"),
    "check what is not finite": (
        ["check-gradients", "layers.py:Endless", "--input-shape", "4,5"], r"Endless.forward.*not finite"),
    "describe a strange shape": (["describe", "vae", "--input-shape", "3,x"], r"3,x.*3,128,128"),
}  # fmt: skip


LAYERS = """
import numpy as np

class Forward:
    def forward(self, x):
        return x

class Dense(Forward):
    def forward(self, x):
        return x @ np.ones((5, 2))
    def backward(self, dy):
        return dy @ np.ones((2, 5))

class Sized(Dense):
    def __init__(self, size):
        self.size = size

class Noise(Dense):
    def forward(self, x):
        return x + np.random.default_rng().normal()

class Endless(Dense):
    def forward(self, x):
        return x + np.inf
"""


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of everything that goes wrong, and one good run."""
    place = tmp_path_factory.mktemp("wrong")
    generator = np.random.default_rng(0)
    np.save(place / "rows.npy", generator.normal(size=(50, 5)))
    np.save(place / "range.npy", generator.normal(size=(50, 8, 8)))
    np.save(place / "nan.npy", np.full((50, 5), np.nan))
    np.save(place / "five.npy", np.zeros((2, 2, 2, 2, 2)))
    np.save(place / "text.npy", np.array([["a", "b"]] * 50))
    np.save(place / "two.npy", np.zeros((2, 5)))
    np.savez(place / "pair.npz", x=np.zeros((20, 8, 8), np.uint8), y=np.zeros(19, np.int64))
    (place / "fake.npy").write_bytes(b"not an array")
    (place / "notes.docx").write_text("notes")
    header = bytes([0, 0, 8, 3]) + b"".join(size.to_bytes(4, "big") for size in (50, 8, 8))
    (place / "cut-images-idx3-ubyte.gz").write_bytes(gzip.compress(header + bytes(100)))
    for folder, sizes in {"empty": [], "corrupt": [8, 8, 8], "mixed": [8, 9]}.items():
        (place / folder).mkdir()
        for name, size in zip("abc", sizes, strict=False):
            Image.new("L", (size, size)).save(place / folder / f"{name}.png")
    (place / "corrupt" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    (place / "broken.toml").write_text("network = 'vae'\nseed = = 3\n")
    (place / "typo.toml").write_text("network = 'vae'\n[trainning]\nsteps = 3\n")
    (place / "fails.py").write_text("1 / 0\n")
    (place / "nets.py").write_text("class Network: ...\n")
    (place / "layers.py").write_text(LAYERS)
    (place / "damaged").mkdir()
    (place / "damaged" / "run.json").write_text('{"format": ')
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
        patch.chdir(place)
        main([*DIGITS, "--out", "run"])
    assert ended.value.code == 0
    return place


def contents(place: Path) -> dict[str, bytes]:
    return {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def test_there_are_at_least_forty() -> None:
    assert len(WRONG) >= 40


@pytest.mark.parametrize("case", WRONG)
def test_one_clear_line_exit_code_2_and_nothing_lost(
    case: str, workplace: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments, expected = WRONG[case]
    monkeypatch.chdir(workplace)
    before = contents(workplace)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    said = capfd.readouterr()
    after = contents(workplace)
    for leftover in after.keys() - before.keys():  # so that one failure does not become many
        shutil.rmtree(workplace / Path(leftover).parts[0], ignore_errors=True)
    assert ended.value.code == 2, said
    assert re.fullmatch(r"error: [^\n]+\n", said.err), said.err
    assert re.search(expected, said.err), said.err
    assert said.out == ""
    assert {name for name in after if "__pycache__" not in name} == before.keys()
    assert all(after[name] == content for name, content in before.items())
