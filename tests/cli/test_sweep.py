"""`understudy sweep` and `understudy resume` of a sweep, as they are typed."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from command import understudy

SMALL = ["--quiet", "--set", "hidden=8", "--set", "batch=32", "--budget", "3steps"]


def test_a_sweep_prints_its_table_and_where_it_is(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["sweep", "autoencoder", "--data", "digits", "--vary", "latent_dim=2,4", "--seeds", "2", *SMALL]
    assert understudy(*words) == 0
    out = capsys.readouterr().out
    assert re.search(r"latent_dim +loss \(validation\)", out)
    assert re.search(r"^4 .* ± .* 2 seeds ", out, re.MULTILINE)
    path = Path(re.search(r"^sweep +(\S+)$", out, re.MULTILINE)[1])
    page = (path / "sweep.html").read_text()
    assert page.count('src="data:image/png;base64,') == 2  # reconstructions of each cell's first seed
    links = re.findall(r'href="([^"]*)"', page)
    assert len(links) == 4
    assert all((path / unquote(link)).is_file() for link in links)
    assert not re.search(r'src="(?!data:)|url\(|@import', page)
    (path / "sweep.html").unlink()
    assert understudy("report", path) == 0
    assert capsys.readouterr().out.strip() == str(path / "sweep.html")
    assert (path / "sweep.html").read_text() == page
    assert understudy("resume", path.name) == 0  # by its name under ./runs; there is nothing left to do
    assert capsys.readouterr().out == out
    assert understudy("resume", path.name, "--device", "cpu") == 2
    assert "is a sweep, which goes on where it was" in " ".join(capsys.readouterr().err.split())


def test_lists_and_spellings_are_those_of_set(in_tmp: Path) -> None:
    words = ["sweep", "autoencoder", "--data", "digits", "--vary", "hidden=[8,4],[8]", "--vary", "learning-rate=1e-3"]
    assert understudy(*words, "--quiet", "--set", "latent_dim=2", "--budget", "2steps", "--out", "mine") == 0
    assert {folder.name for folder in Path("mine").iterdir() if folder.is_dir()} == {
        "hidden=8-4,learning_rate=0.001", "hidden=8,learning_rate=0.001",
    }  # fmt: skip


def test_a_diverged_cell_is_no_failure_of_the_sweep(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["sweep", "autoencoder", "--data", "digits", "--vary", "learning_rate=1e30,1e-3", *SMALL]
    assert understudy(*words, "--set", "latent_dim=2") == 0
    assert re.search(r"^1e\+30 +diverged", capsys.readouterr().out, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--vary", "learnig_rate=1,2"], r"'learnig_rate'.*Did you mean 'learning_rate'"),
        (["--vary", "latent_dim"], r"--vary takes key=values.*'latent_dim'"),
        (["--vary", "latent_dim=2", "--vary", "latent_dim=4"], r"latent_dim was given twice"),
        (["--vary", "epochs=1,2"], r"unequal budgets.*--budget.*--unequal"),
        (["--budget", "ten"], r"budget is a number.*'ten'"),
        (["--by", "fid_lent"], r"'fid_lent'.*Did you mean 'fid_lenet'"),
        (["--config", "none.toml"], r"no run file 'none.toml'"),
        (["--seeds", "0"], r"seeds=0"),
    ],
)
def test_a_wrong_request_is_one_line(
    words: list[str], told: str, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert understudy("sweep", "vae", "--data", "digits", "--quiet", *words) == 2
    error = capsys.readouterr().err
    assert re.search(told, error), error
    assert error.count("\n") == 1
    assert list(Path().iterdir()) == []
