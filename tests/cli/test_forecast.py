"""Series on the command line: learnt, scored, forecast."""

import csv
import json
import math
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from command import understudy

import understudy as us


def write(path: str, months: int, names: tuple[str, ...] = ("cats", "dogs"), start: int = 1990) -> None:
    rows = [
        [f"{start + month // 12}-{month % 12 + 1:02}"]
        + [
            f"{50 + 10 * place + 8 * math.sin(month / 12 * 2 * math.pi) + month * 0.2:.2f}"
            for place in range(len(names))
        ]
        for month in range(months)
    ]
    Path(path).write_text("\n".join(",".join(row) for row in [["month", *names], *rows]))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("series")


@pytest.fixture(autouse=True)
def run(place: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(place)
    if not (place / "fc").exists():
        write("pets.csv", 120)
        words = ("--steps", 40, "--quiet", "--set", "hidden_dim=8", "--set", "calendar=true", "--out", "fc")
        assert understudy("train", "forecaster", "--data", "pets.csv", *words) == 0
    return "fc"


def test_it_is_scored_beside_naive_forecasts_and_its_report_has_the_curve(run: str) -> None:
    found = us.load(run)
    assert {"mae", "seasonal_naive_mae", "growth_naive_mae", "backtest_mae", "coverage_80"} <= set(found.scores)
    assert found.scores["mae"] < found.scores["naive_mae"]
    page = (found.path / "report.html").read_text(encoding="utf-8")
    assert "Forecast of cats" in page and "seasonal naive" in page
    assert understudy("evaluate", run) == 0
    assert us.load(run).scores["coverage_80"] == found.scores["coverage_80"], "margins are kept with the weights"


def test_the_table_says_what_comes_next(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert understudy("forecast", run) == 0
    told = capsys.readouterr().out
    assert re.search(r"date +series +forecast +low 80% +high 80% +low 90% +high 90% +seasonal naive", told)
    assert re.search(r"2000-01 +cats +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+", told)
    assert len(told.splitlines()) == 1 + 2 * 12
    assert understudy("forecast", run, "--horizon", 13) == 0
    assert "-: no interval" in capsys.readouterr().out


def test_numbers_and_picture_in_files(run: str) -> None:
    assert understudy("forecast", run, "--horizon", 14, "--out", "f.csv") == 0
    rows = list(csv.DictReader(Path("f.csv").read_text().splitlines()))
    said = us.load(run).forecast(horizon=14)
    assert [float(row["forecast"]) for row in rows] == said.values.ravel().tolist()
    assert rows[0]["date"] == "2000-01" and rows[-1]["date"] == "2001-02"
    assert float(rows[0]["low 90%"]) < float(rows[0]["low 80%"]) < float(rows[0]["forecast"])
    assert rows[13]["low 90%"] == ""
    assert understudy("forecast", run, "--horizon", 14, "--out", "f.json") == 0
    told = json.loads(Path("f.json").read_text())
    assert [row["forecast"] for row in told] == said.values.ravel().tolist()
    assert told[0]["date"] == "2000-01" and told[0]["series"] == "cats"
    assert told[0]["low 90%"] < told[0]["forecast"] and told[13]["low 90%"] is None
    assert understudy("forecast", run, "--out", "f.svg") == 0
    root = ElementTree.parse("f.svg").getroot()
    assert root.tag.endswith("svg")
    text = " ".join(it.text or "" for it in root.iter() if it.tag.endswith("text"))
    assert all(word in text for word in ("cats", "dogs", "history", "forecast", "seasonal naive", "2000"))
    assert "var(" not in Path("f.svg").read_text()
    assert Path("f.svg").read_text().count('class="band') == 2
    assert understudy("forecast", run, "--horizon", 14, "--out", "longer.svg") == 0
    assert Path("longer.svg").read_text().count('class="band') == 2, "as far as the intervals are known"


def test_other_series_are_forecast_and_scored(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    write("birds.csv", 60, ("birds",), start=2010)
    assert understudy("forecast", run, "--data", "birds.csv") == 0
    assert re.search(r"^2015-01 ", capsys.readouterr().out, re.MULTILINE)
    assert understudy("evaluate", run, "--data", "birds.csv") == 0
    longer = us.load(run)
    write("longer.csv", 123)
    assert longer.forecast("longer.csv").dates[0] == "2000-04"
    assert not np.array_equal(longer.forecast("longer.csv").values, longer.forecast().values)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ["--out", "f.png"],
            "the name must end in .csv, .json, .svg; a picture is written as .svg, which browsers show",
        ),
        (["--out", "f.txt"], "the name must end in .csv, .json, .svg\n"),
        (["--out", "no/f.csv"], "there is no folder 'no'"),
        (["--data", "digits"], "run was trained on monthly series"),
        (["--data", "none.csv"], "no such file: 'none.csv'"),
        (["--horizon", "0"], "should be greater than or equal to 1"),
    ],
)
def test_what_cannot_be_done_is_said(
    run: str, words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert understudy("forecast", run, *words) == 2
    assert expected in capsys.readouterr().err


def test_other_networks_do_not_forecast(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert understudy("train", "vae", "--data", "pets.csv", "--steps", 2) == 2
    assert "vae learns from image or vector data" in capsys.readouterr().err
    words = ("--data", "rings", "--steps", 2, "--quiet", "--out", "ae", "--set", "hidden=4", "--set", "latent_dim=1")
    assert understudy("train", "autoencoder", *words) == 0
    capsys.readouterr()
    assert understudy("forecast", "ae") == 2
    assert "autoencoder cannot forecast; these can: forecaster" in capsys.readouterr().err


def test_the_same_command_gives_the_same_forecast(run: str) -> None:
    words = ("--steps", 5, "--quiet", "--set", "hidden_dim=8")
    for name in ("one", "two"):
        assert understudy("train", "forecaster", "--data", "pets.csv", *words, "--out", name) == 0
    assert np.array_equal(us.load("one").forecast().values, us.load("two").forecast().values)
