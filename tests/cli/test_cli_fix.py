"""`understudy fix` as it is typed."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from command import understudy
from made import SPECS, items_of

TRAIN = [
    *("--set", "hidden=16", "--set", "latent_dim=3", "--set", "layer_norm=false", "--set", "activation=relu"),
    *("--set", "optimizer=momentum", "--set", "schedule=constant", "--steps", "20", "--batch", "32", "--quiet"),
]


def test_a_sick_run_is_cured_and_a_cured_one_has_nothing(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save("rows.npy", items_of(SPECS["rows of 40"], 200).numpy())
    assert understudy("train", "autoencoder", "--data", "rows.npy", "--lr", "0.1", "--out", "runs/wild", *TRAIN) == 1
    capsys.readouterr()
    assert understudy("fix", "wild", "--seeds", "2", "--quiet") == 0
    out = capsys.readouterr().out
    assert re.search(r"^Take smaller steps +learning_rate=0.01 +2 of 2", out, re.MULTILINE)
    cured = Path(re.search(r"^cured +(\S+)$", out, re.MULTILINE)[1])
    assert understudy("doctor", cured) == 0
    capsys.readouterr()
    assert understudy("fix", cured) == 0
    assert "nothing to cure" in capsys.readouterr().out
    assert understudy("fix", "wild", "--seeds", "2", "--quiet", "--json") == 0
    assert json.loads(capsys.readouterr().out)["cured"]["folder"] == "cured"


def test_a_wrong_request_is_one_line(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert understudy("fix", "nothing-here") == 2
    assert capsys.readouterr().err.count("\n") == 1
