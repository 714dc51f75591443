"""kill -9 at any moment: the run resumes, and ends bit-identical to one that was never broken."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors.torch import load_file

from understudy.cli import main
from understudy.runs.directory import RunDirectory

KILLS = 10
REQUEST = [
    "train", "vae", "--data", "digits", "--steps", "2000", "--batch", "32", "--precision", "fp32", "--seed", "7",
    "--set", "checkpoint_seconds=0.02", "--set", "hidden=32", "--set", "ema=0.99", "--set", "schedule=plateau",
    "--set", "clip_norm=5", "--set", "log_every=7", "--set", "early_stopping=50",
]  # fmt: skip


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "understudy", *words]


def timeless(directory: RunDirectory) -> list[dict[str, object]]:
    return [{key: value for key, value in event.items() if key != "time"} for event in directory.read_events()]


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> RunDirectory:
    path = tmp_path_factory.mktemp("unbroken") / "run"
    subprocess.run(command(*REQUEST, "--quiet", "--out", str(path)), check=True, capture_output=True)
    return RunDirectory(path)


def start_and_kill(words: list[str], run: Path, wait: float) -> bool:
    """Start a command, kill it `wait` seconds after its run has a record; whether it was still alive then."""
    process = subprocess.Popen(command(*words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (run / "run.json").exists() and process.poll() is None:
        time.sleep(0.005)
    time.sleep(wait)
    alive = process.poll() is None
    if alive:
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    return alive


def test_ten_kills_in_a_row_change_nothing(unbroken: RunDirectory, tmp_path: Path) -> None:
    """One run, killed ten times at random moments (while it starts, trains, saves or scores), then left to end."""
    run = tmp_path / "run"
    moments = random.Random(0)
    words = [*REQUEST, "--quiet", "--out", str(run)]
    killed = 0
    for _ in range(3 * KILLS):
        # A process takes about 2 s to its first step; some kills fall before that, on purpose.
        killed += start_and_kill(words, run, moments.uniform(0.0, 3.0))
        words = ["resume", str(run), "--quiet"]
        if killed == KILLS:
            break
        for path in run.glob("*.json"):
            json.loads(path.read_text())  # whole, whenever it is read
    assert killed == KILLS, "a kill must meet a living process to mean anything"
    subprocess.run(command(*words), check=True, capture_output=True)
    broken = RunDirectory(run)
    assert broken.read()["status"] == unbroken.read()["status"] == "finished"
    for left, right in ((unbroken.weights, broken.weights), (unbroken.checkpoint, broken.checkpoint)):
        first, second = load_file(left), load_file(right)
        assert first.keys() == second.keys()
        assert all(first[name].equal(second[name]) for name in first)
    assert timeless(unbroken) == timeless(broken)
    clockless = [{k: v for k, v in r.scores.items() if k != "train_seconds"} for r in (unbroken, broken)]
    assert clockless[0] == clockless[1]


def test_ctrl_c_saves_and_resume_goes_on(unbroken: RunDirectory, tmp_path: Path) -> None:
    run = tmp_path / "run"
    process = subprocess.Popen(command(*REQUEST, "--out", str(run)), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not (run / "checkpoint.safetensors").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"interrupted at step" in out
    assert b"understudy resume" in out
    assert b"Traceback" not in err
    assert RunDirectory(run).read()["status"] == "interrupted"
    subprocess.run(command("resume", str(run), "--quiet"), check=True, capture_output=True)
    assert timeless(RunDirectory(run)) == timeless(unbroken)


def test_resume_of_a_finished_run_says_so(unbroken: RunDirectory, capsys: pytest.CaptureFixture[str]) -> None:
    before = unbroken.record.read_bytes()
    with pytest.raises(SystemExit) as ended:
        main(["resume", str(unbroken.path)])
    assert ended.value.code == 0
    assert "finished" in capsys.readouterr().out
    assert unbroken.record.read_bytes() == before
