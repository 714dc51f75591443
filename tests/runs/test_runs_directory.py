import json
import subprocess
import sys
from pathlib import Path

import pytest

from understudy.errors import RunError, UnknownName
from understudy.runs.directory import RunDirectory, create, fresh_path, runs_under
from understudy.runs.listing import listing, locate

RECORD = {
    "status": "finished",
    "network": "vae",
    "data": {"name": "digits", "fingerprint": "abc"},
    "config": {"network": "vae", "seed": 3, "data": {"source": "digits"}},
    "step": 9,
}
HOLD = """
import sys
from pathlib import Path
from understudy.runs.directory import RunDirectory
with RunDirectory(Path(sys.argv[1])).locked():
    print("held", flush=True)
    sys.stdin.read()
"""


def run_at(path: Path, **changes: object) -> RunDirectory:
    return create(path, {**RECORD, **changes}, {"network": "vae"})


# One directory


def test_a_record_is_read_as_it_was_written_and_changes_field_by_field(tmp_path: Path) -> None:
    run = run_at(tmp_path / "deep" / "run")
    assert run.read() == {"format": 1, "name": "run", **RECORD}
    run.update(status="failed", reason="tired")
    assert run.read() == {"format": 1, "name": "run", **RECORD, "status": "failed", "reason": "tired"}
    assert (run.scores, run.findings, run.read_events()) == ({}, [], [])


def test_nothing_is_written_over(tmp_path: Path) -> None:
    run_at(tmp_path / "run")
    (tmp_path / "file").write_text("")
    for taken in ("run", "file"):
        with pytest.raises(RunError, match="choose another --out, or go on with `understudy resume"):
            run_at(tmp_path / taken)
    (tmp_path / "empty").mkdir()
    assert run_at(tmp_path / "empty").read()["status"] == "finished"
    with pytest.raises(RunError, match="cannot write a run at"):
        run_at(tmp_path / "file" / "below")


@pytest.mark.parametrize(
    ("content", "told"),
    [("{", "cannot read"), ("[]", "cannot read"), ("{}", "cannot read"), ('{"format": 99}', "this version reads 1")],
)
def test_a_damaged_record_is_one_clear_error(content: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(RunError, match=told) as caught:
        RunDirectory(tmp_path).read()
    assert "run.json" in str(caught.value)


def test_what_is_no_run_says_why(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"it has no run\.json"):
        RunDirectory(tmp_path).read()
    with pytest.raises(RunError, match="no such directory"):
        RunDirectory(tmp_path / "none").read()


def test_a_line_that_is_still_being_written_is_left_out(tmp_path: Path) -> None:
    run = run_at(tmp_path / "run")
    run.events.write_bytes(b'{"step": 1}\n{"step": 2}\n{"st')
    assert run.read_events() == [{"step": 1}, {"step": 2}]


def test_two_processes_cannot_train_in_one_directory(tmp_path: Path) -> None:
    run = run_at(tmp_path / "run")
    words = [sys.executable, "-c", HOLD, str(run.path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(RunError, match="is being trained by another process"), run.locked():
            raise AssertionError("both hold it")
        other.communicate()
    with run.locked(), pytest.raises(RunError), run.locked():
        raise AssertionError("both hold it")
    with run.locked():  # free again
        pass


# Names


def test_a_fresh_path_is_the_next_free_number(tmp_path: Path) -> None:
    assert fresh_path(tmp_path, "vae", "digits") == tmp_path / "vae-digits-1"
    assert (tmp_path / "vae-digits-1").is_dir(), "claimed at once, so that two starts do not meet"
    for number in (2, 4):
        (tmp_path / f"vae-digits-{number}").mkdir()
    assert fresh_path(tmp_path, "vae", "digits") == tmp_path / "vae-digits-3"
    assert fresh_path(tmp_path, "/my/net.py:Net", "my photos!").name == "net-my-photos-1"


@pytest.fixture
def home(in_tmp: Path) -> Path:
    run_at(Path("runs/vae-digits-1"), step=5)
    run_at(Path("runs/vae-digits-2"), status="failed")
    run_at(Path("runs/sweeps/vae-digits-3"))
    return in_tmp


def test_a_run_is_found_by_its_directory_or_its_name(home: Path) -> None:
    for given in ("vae-digits-1", "runs/vae-digits-1", home / "runs" / "vae-digits-1", "sweeps/vae-digits-3"):
        assert locate(given).read()["name"] == Path(given).name


def test_a_run_that_is_not_there_gets_the_nearest(home: Path) -> None:
    with pytest.raises(UnknownName, match=r"unknown run 'vae-digit-1'\. Did you mean 'vae-digits-1'"):
        locate("vae-digit-1")
    Path("folder").mkdir()
    with pytest.raises(RunError, match=r"'folder' is not a run: it has no run\.json"):
        locate("folder")
    with pytest.raises(RunError, match="no such directory"):
        locate("vae-digits-1", root=Path("nowhere"))


def test_a_listing_has_every_run_with_its_most_telling_score(home: Path) -> None:
    (home / "runs/vae-digits-1/scores.json").write_text(json.dumps({"odd": 5, "mse": 0.1, "nll": 90.0}))
    (home / "runs/vae-digits-2/scores.json").write_text(json.dumps({"generated": 5, "fid_lenet": 2.5}))
    lines = listing()
    assert [line.path.name for line in lines] == ["vae-digits-3", "vae-digits-1", "vae-digits-2"]
    assert [line.score for line in lines] == [None, ("nll", 90.0), ("fid_lenet", 2.5)]
    assert [line.status for line in lines] == ["finished", "finished", "failed"]
    assert [(line.network, line.data, line.seed, line.steps) for line in lines][1] == ("vae", "digits", 3, 5)


def test_a_place_without_runs(tmp_path: Path) -> None:
    assert runs_under(tmp_path) == []
    with pytest.raises(RunError, match="train something first, or pass --root"):
        runs_under(tmp_path / "none")
