"""Samples scored from the command line: features of one's own, classifiers that learn from samples, notes."""

from pathlib import Path

import pytest
from command import understudy

import understudy as us
from understudy.evaluation import training_on_samples

FEATURES = """
import torch

class Means(torch.nn.Module):
    def forward(self, x):
        return x.mean((1, 2))
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return us.train(
        "vae", data="digits", steps=60, hidden=(32,), out=tmp_path_factory.mktemp("r") / "run", quiet=True
    ).path


def test_what_is_asked_for_is_added_to_the_scores_and_stays_there(
    run: Path, in_tmp: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_on_samples, "STEPS", 40)
    Path("own.py").write_text(FEATURES)
    assert understudy("evaluate", run, "--features", "own.py:Means", "--train-on-generated") == 0
    told = capsys.readouterr().out
    scores = us.load(run).scores
    for name in ("fid_means", "real_fid_means", "generated_training_accuracy", "both_training_worst_class"):
        assert name in scores
    assert "fid_means" in told and "Real data" in told
    assert "note    359 items are few for 64 features" in told
    assert "359 items are few" in (run / "report.html").read_text()


def test_a_file_that_is_not_there_is_told_in_one_line(
    run: Path, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert understudy("evaluate", run, "--features", "none.py:Means") == 2
    assert capsys.readouterr().err.strip() == "error: no file 'none.py'"
