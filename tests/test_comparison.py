import json
import re
from pathlib import Path

import pytest

import understudy as us
from understudy.errors import RunError
from understudy.runs.directory import RunDirectory, create


def run_at(path: Path, seed: int, scores: dict[str, float], steps: int = 5, **model: object) -> RunDirectory:
    training = {"steps": steps, "minutes": None}
    config = {"network": "vae", "seed": seed, "data": {"source": "digits"}, "model": model, "training": training}
    data = {"name": "digits", "fingerprint": "f", "sizes": {}}
    run = create(path, {"config": config, "network": "vae", "status": "finished", "data": data}, {})
    (run.path / "scores.json").write_text(json.dumps(scores))
    return run


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    return [
        run_at(tmp_path / "a", 0, {"mse": 0.1, "nll": 90.0}, beta=1).path,
        run_at(tmp_path / "b", 1, {"mse": 0.3, "nll": 92.0}, beta=1).path,
        run_at(tmp_path / "c", 0, {"mse": 0.4}, beta=4).path,
    ]


def test_the_table_has_a_column_for_each_group_with_mean_and_spread(runs: list[Path]) -> None:
    lines = str(us.compare(runs)).splitlines()
    cells = {line.split("  ")[0].strip(): line for line in lines}
    assert "vae (beta=1)" in lines[0]
    assert "vae (beta=4)" in lines[0]
    assert "± 1.4" in cells["nll"]  # 90 and 92
    assert "± 0.14" in cells["mse"]  # 0.1 and 0.3
    assert cells["mse"].rstrip().endswith("0.4") or "0.4" in cells["mse"].split()[-1]
    assert cells["seeds"].split() == ["seeds", "2", "1"]
    assert cells["nll"].split()[-1] != "nan"


def test_budgets_are_told_and_that_they_differ(runs: list[Path], tmp_path: Path) -> None:
    equal = us.compare(runs)
    assert re.search(r"^budget +5 steps +5 steps$", str(equal), re.MULTILINE)
    assert "same budget" not in str(equal) + equal._repr_html_()
    longer = us.compare([*runs, run_at(tmp_path / "d", 0, {"mse": 0.2}, steps=50, beta=4).path])
    assert re.search(r"^budget +5 steps +5 steps +50 steps$", str(longer), re.MULTILINE)
    assert "Not all had the same budget" in str(longer)
    assert "Not all had the same budget" in longer._repr_html_()


def test_runs_are_given_as_paths_names_or_runs(runs: list[Path]) -> None:
    texts = {str(us.compare(given)) for given in (runs, [str(path) for path in runs], [us.load(path) for path in runs])}
    assert len(texts) == 1


def test_the_page_stands_alone_and_names_every_group(runs: list[Path], tmp_path: Path) -> None:
    page = us.compare(runs).save(tmp_path / "page.html").read_text()
    assert "vae (beta=4)" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert us.compare(runs)._repr_html_()


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is not a run"):
        us.compare([tmp_path])
    with pytest.raises(RunError, match="name at least one run"):
        us.compare([])
