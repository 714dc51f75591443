"""`understudy gradient-flow` on a run, and on one that has nothing to measure."""

import json
from pathlib import Path

import pytest
from command import understudy

STORY = "The cat sat on the mat, and the dog sat on the log.\n" * 60
SMALL = ("--steps", 5, "--quiet", "--batch", 8)


def test_it_is_printed_drawn_and_kept(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("story.txt").write_text(STORY)
    options = ("--set", "hidden_dim=8", "--set", "cell=sigmoid-rnn", "--set", "sequence_length=16")
    assert understudy("train", "language-model", "--data", "story.txt", "--out", "lm", *SMALL, *options) == 0
    before = json.loads(Path("lm/figures/index.json").read_text())
    capsys.readouterr()
    assert understudy("gradient-flow", "lm", "--steps", 20, "--items", 2) == 0
    told = capsys.readouterr().out
    assert "trained: bound" in told
    assert "memory horizon" in told
    assert "100" not in told.split("memory horizon")[0].split()  # no further than asked for
    after = json.loads(Path("lm/figures/index.json").read_text())
    assert [line["file"] for line in after[len(before) :]] == [
        "gradient-flow-readers.0.recurrent.layers.0.json",
        "memory-horizon.json",
    ]
    plot = json.loads(Path("lm/figures/gradient-flow-readers.0.recurrent.layers.0.json").read_text())
    bound = {line["name"]: line["y"] for line in plot["series"]}
    assert all(mine <= limit for mine, limit in zip(bound["trained"], bound["trained: bound"], strict=True) if mine)
    assert "Gradient through time" in Path("lm/report.html").read_text(encoding="utf-8")
    assert understudy("evaluate", "lm") == 0
    assert json.loads(Path("lm/figures/index.json").read_text()) == after
    assert understudy("gradient-flow", "lm") == 0
    assert len(json.loads(Path("lm/figures/index.json").read_text())) == len(after)


def test_a_network_without_recurrence_says_so_in_a_line(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert understudy("train", "vae", "--data", "digits", "--out", "vae", *SMALL) == 0
    capsys.readouterr()
    assert understudy("gradient-flow", "vae") == 2
    told = capsys.readouterr().err
    assert told.startswith("error: vae cannot remember; these can: language-model")
    assert len(told.splitlines()) == 1
