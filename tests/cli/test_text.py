"""A text on the command line: learnt, scored, written on."""

from pathlib import Path

import pytest
from command import understudy

from understudy.runs.directory import RunDirectory

STORY = "The cat sat on the mat, and the dog sat on the log.\n" * 60


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("text")
    (found / "story.txt").write_text(STORY)
    return found


@pytest.fixture(autouse=True)
def run(place: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(place)
    options = ("--steps", 60, "--quiet", "--batch", 8, "--set", "hidden_dim=32", "--set", "sequence_length=16")
    if not (place / "lm").exists():
        assert understudy("train", "language-model", "--data", "story.txt", "--out", "lm", *options) == 0
    return "lm"


def test_it_is_scored_beside_counts_and_its_report_has_its_writing(run: str) -> None:
    directory = RunDirectory(Path(run))
    assert {"nats_per_token", "bits_per_character", "unigram_nats_per_token", "bigram_nats_per_token"} <= set(
        directory.scores
    )
    assert directory.scores["nats_per_token"] < directory.scores["unigram_nats_per_token"]
    assert "\u2502" in (directory.path / "report.html").read_text(encoding="utf-8")


def test_it_writes_on_from_a_prompt_as_the_seed_says(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = []
    for seed in (1, 1, 2):
        assert understudy("sample", run, "--prompt", "The cat", "--length", 40, "--seed", seed) == 0
        told.append(capsys.readouterr().out)
    assert told[0] == told[1] != told[2]
    assert all(text.startswith("The cat") and len(text) == len("The cat") + 40 + 1 for text in told)
    assert understudy("sample", run, "--temperature", 0, "--length", 9, "--out", "written.txt") == 0
    assert len(Path("written.txt").read_text()) == 10


def test_a_beam_of_one_takes_the_likeliest_letters_and_a_wider_one_heeds_its_rules(
    run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert understudy("sample", run, "--prompt", "The cat", "--length", 12, "--beam", 1) == 0
    greedy = capsys.readouterr().out
    assert understudy("sample", run, "--prompt", "The cat", "--length", 12, "--temperature", 0) == 0
    assert capsys.readouterr().out == greedy
    assert understudy("sample", run, "--beam", 4, "--length", 30, "--no-repeat-ngram", 3, "--out", "beam.txt") == 0
    text = Path("beam.txt").read_text()[:-1]
    assert len(text) == 30
    assert len({text[at : at + 3] for at in range(28)}) == 28


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--prompt", ""], "prompt is empty"),
        (["--top-p", "0"], "top_p is above 0"),
        (["--min-p", "2"], "min_p from 0 to 1"),
        (["--class", "3"], "cannot sample by class"),
        (["--beam", "2", "--prompt", ""], "prompt is empty"),
        (["--beam", "2", "--top-k", "3"], "top_k does not go with --beam"),
        (["--beam", "2", "--count", "3"], "count does not go with --beam"),
        (["--repetition-penalty", "0"], "repetition_penalty is above 0"),
    ],
)
def test_what_cannot_be_done_is_said(
    run: str, words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert understudy("sample", run, *words) == 2
    assert expected in capsys.readouterr().err


def test_other_networks_and_other_data_do_not_mix(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert understudy("train", "vae", "--data", "story.txt", "--steps", 2) == 2
    assert "vae learns from image or vector data" in capsys.readouterr().err
    assert understudy("train", "language-model", "--data", "digits", "--steps", 2) == 2
    assert "language-model learns from text data" in capsys.readouterr().err
    assert understudy("evaluate", run, "--data", "digits") == 2
    Path("other.txt").write_text("A dog and a cat.\n" * 90)
    assert understudy("evaluate", run, "--data", "other.txt") == 0


def test_it_describes_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert understudy("describe", "language-model", "--data", "story.txt") == 0
    told = capsys.readouterr().out
    assert "LSTM" in told
    assert "Embedding" in told
