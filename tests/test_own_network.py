"""The documentation's example is a real network: one file and one line, and it passes the contract."""

import itertools
import re
from pathlib import Path

import pytest
from made import SPECS
from models import test_contract as contract

from understudy import models
from understudy.cli import main

PLACE = Path(__file__).parent.parent / "docs"
FILE = PLACE / "own_network.py"
NAME = "k-sparse-autoencoder"

CONTRACT = [test for name, test in vars(contract).items() if name.startswith("test_")]
PER_SPEC = [test for test in CONTRACT if "spec_name" in test.__code__.co_varnames[: test.__code__.co_argcount]]
PER_NETWORK = [test for test in CONTRACT if test not in PER_SPEC]


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line of the page, with the file where it is."""
    line = re.search(rf'^"{NAME}": Entry\("[^"]+:(\w+)", ("[^"]+")\),$', (PLACE / "own_network.md").read_text(), re.M)
    assert line is not None
    monkeypatch.setitem(models.TABLE, NAME, models.Entry(f"{FILE}:{line[1]}", line[2]))


def test_it_is_short() -> None:
    assert len(FILE.read_text().splitlines()) < 60


FITTING = [name for name, spec in SPECS.items() if spec.kind in ("image", "vector")]


@pytest.mark.parametrize(("test", "spec_name"), list(itertools.product(PER_SPEC, FITTING)))
@pytest.mark.usefixtures("added")
def test_contract_by_spec(test: object, spec_name: str) -> None:
    assert callable(test)
    assert not contract.refusal(NAME, spec_name)
    test(NAME, spec_name)


@pytest.mark.parametrize("test", [test for test in PER_NETWORK if "refusal" not in test.__name__])
@pytest.mark.usefixtures("added")
def test_contract_by_network(test: object) -> None:
    assert callable(test)
    test(NAME)


def test_it_trains_from_its_file(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["train", f"{FILE}:KSparseAutoencoder", "--data", "digits", "--steps", "20", "--quiet", "--out", "run"])
    assert ended.value.code == 0
    with pytest.raises(SystemExit):
        main(["evaluate", "run"])
    assert "mse" in capsys.readouterr().out
