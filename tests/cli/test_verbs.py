"""Every verb does what its help says, on each kind of data."""

import importlib.metadata
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from understudy.cli import VERBS, main
from understudy.runs.directory import RunDirectory

DRAW = np.random.default_rng(0)


def colour_folder(place: Path) -> Path:
    for label in ("cats", "dogs"):
        (place / "photos" / label).mkdir(parents=True)
        for number in range(12):
            Image.fromarray(DRAW.integers(0, 256, (32, 32, 3), np.uint8)).save(place / f"photos/{label}/{number}.png")
    return place / "photos"


def idx_folder(place: Path) -> Path:
    folder = place / "idx"
    folder.mkdir()
    for part, count in (("train", 40), ("t10k", 12)):
        for kind, sizes in (("images-idx3", (count, 28, 28)), ("labels-idx1", (count,))):
            header = bytes([0, 0, 8, len(sizes)]) + b"".join(size.to_bytes(4, "big") for size in sizes)
            top = 256 if len(sizes) == 3 else 10
            content = header + DRAW.integers(0, top, sizes, np.uint8).tobytes()
            (folder / f"{part}-{kind}-ubyte").write_bytes(content)
    return folder


def unnamed_npz(place: Path) -> Path:
    np.savez(place / "pictures.npz", DRAW.integers(0, 256, (30, 12, 12), np.uint8))
    return place / "pictures.npz"


def rows(place: Path) -> Path:
    np.save(place / "rows.npy", DRAW.normal(size=(60, 5)))
    return place / "rows.npy"


DATA: dict[str, Callable[[Path], str | Path]] = {
    "3x32x32 colour PNGs in folders": colour_folder,
    "1x28x28 IDX": idx_folder,
    "1x8x8 digits": lambda place: "digits",
    "an .npz with one unnamed uint8 array": unnamed_npz,
    "a .npy of 5-dimensional rows": rows,
    "points": lambda place: "rings",
}
NETWORKS = ("autoencoder", "deep-autoencoder", "conv-autoencoder", "denoising-autoencoder", "vae")
REFUSED = {
    ("deep-autoencoder", "a .npy of 5-dimensional rows"): "leaves nothing to learn",
    ("deep-autoencoder", "points"): "leaves nothing to learn",
    ("conv-autoencoder", "a .npy of 5-dimensional rows"): "needs pictures",
    ("conv-autoencoder", "points"): "needs pictures",
}


def understudy(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("kind", DATA)
def test_the_same_commands_for_every_kind_of_data(
    network: str, kind: str, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = DATA[kind](in_tmp)
    code = understudy("train", network, "--data", source, "--steps", 3, "--batch", 8, "--quiet", "--out", "run")
    if (network, kind) in REFUSED:
        assert code == 2
        assert REFUSED[network, kind] in capsys.readouterr().err
        assert not Path("run").exists()
        return
    assert code == 0
    run = RunDirectory(Path("run"))
    assert run.read()["status"] == "finished"
    assert run.scores["steps"] == 3
    page = Path("run/report.html").read_text()
    assert "<h2>Scores</h2>" in page or "Scores" in page
    for figure in run.read_file("figures/index.json"):
        assert figure["title"] in page
    assert understudy("reconstruct", "run") == understudy("encode", "run") == understudy("evaluate", "run") == 0
    assert len(np.load("codes.npy")) == run.read()["data"]["sizes"]["test"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("trained")
    before = Path.cwd()
    os.chdir(place)
    for seed in (0, 1):
        assert understudy("train", "vae", "--data", "digits", "--steps", 5, "--seed", seed, "--quiet") == 0
    os.chdir(before)
    return place


def cells(columns: int, rows: int) -> tuple[int, int]:
    """Pixels of so many pictures of 8x8, a line of one between them, all seven times as large."""
    return (7 * (columns * 9 - 1), 7 * (rows * 9 - 1))


def test_verbs_make_what_they_say(
    trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(trained)
    run = "vae-digits-1"
    assert understudy("sample", run, "--count", 9, "--out", "s.png") == 0
    assert Image.open("s.png").size == cells(3, 3)
    assert understudy("sample", run, "--count", 9, "--out", "s.npy") == 0
    assert np.load("s.npy").shape == (9, 1, 8, 8)
    assert understudy("reconstruct", run, "--count", 4) == 0
    assert Image.open("reconstructions.png").size == cells(4, 2)
    assert understudy("traverse", run, "--dimensions", 2, "--steps", 5) == 0
    assert Image.open("traversal.png").size == cells(5, 2)
    assert understudy("interpolate", run, "--count", 3, "--steps", 4) == 0
    assert Image.open("interpolation.png").size == cells(4, 3)
    assert understudy("encode", run, "--split", "all") == 0
    assert np.load("codes.npy").shape == (1797, 40)
    capsys.readouterr()
    assert understudy("compare", run, "vae-digits-2", "--out", "c.html") == 0
    table = capsys.readouterr().out
    assert " ± " in table
    assert "seeds" in table
    assert Path("c.html").exists()
    assert understudy("runs") == 0
    assert capsys.readouterr().out.count("vae-digits-") == 2
    assert understudy("report", run) == 0
    assert understudy("evaluate", run, "--samples", 3) == 0
    assert RunDirectory(Path("runs") / run).scores["nll_samples"] == 3


def test_codes_of_all_items_come_in_the_order_of_the_data(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import understudy as us
    from understudy.data.digits import load_digits
    from understudy.data.options import DataOptions

    monkeypatch.chdir(trained)
    assert understudy("encode", "vae-digits-1", "--split", "all") == 0
    from sklearn.datasets import load_digits as source

    pictures = source().images[:50] / 16
    assert load_digits(DataOptions()).spec.size == 64
    expected = us.load("runs/vae-digits-1").encode(np.round(pictures * 255).astype(np.uint8))
    assert np.allclose(np.load("codes.npy")[:50], expected, atol=1e-2)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert understudy("--version") == 0
    assert capsys.readouterr().out == f"understudy {importlib.metadata.version('understudy')}\n"


def test_lists_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert understudy() == 0
    assert "Begin with: understudy train vae --data digits" in capsys.readouterr().out
    for verb in VERBS:
        assert understudy(verb, "--help") == 0
        assert "Usage" in capsys.readouterr().out
    assert understudy("models") == 0
    assert "vae" in capsys.readouterr().out
    assert understudy("data") == 0
    assert "digits" in capsys.readouterr().out


def test_describe_counts_the_published_example(capsys: pytest.CaptureFixture[str]) -> None:
    """5x5 convolutions, 3 to 16 to 16 to 16 channels on 128x128, and a head without bias to 10 numbers."""
    settings = ("channels=16,16,16", "latent_dim=10", "head_bias=false", "layer_norm=false")
    words = [word for setting in settings for word in ("--set", setting)]
    assert understudy("describe", "conv-autoencoder", "--input-shape", "3,128,128", *words) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    encoder = {row[0]: int(row[3].replace(",", "")) for row in rows if row[0].startswith("encoder")}
    assert encoder["encoder.0"] == 1_216
    assert sum(encoder[f"encoder.{layer}"] for layer in (0, 2, 4)) == 14_048
    assert sum(encoder.values()) == 55_008
