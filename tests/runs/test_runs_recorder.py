import json
import math
from pathlib import Path

import pytest
import torch
from made import Toy, session_of

from understudy.data.dataset import Batch
from understudy.errors import Diverged
from understudy.models.network import Terms
from understudy.runs.directory import RunDirectory
from understudy.runs.recorder import Checkpointer, Recorder, restore
from understudy.training.checkpoint import load_tree, load_weights
from understudy.training.loop import train
from understudy.training.session import Session

SGD = {"optimizer": "sgd", "learning_rate": 1.0}


def sit(directory: RunDirectory, session: Session, seconds: float = 0.0, stop_at: int = 10**9) -> None:
    recorder = Recorder(directory.events, restore(directory, session).get("events", 0))
    try:
        keeper = Checkpointer(directory, {"events": recorder}, seconds)
        train(session, [recorder, keeper], stop=lambda: session.progress.step >= stop_at)
    finally:
        recorder.close()


def steps(directory: RunDirectory) -> list[int]:
    return [event["step"] for event in directory.read_events() if event["event"] == "steps"]


def test_every_line_is_json_and_the_checkpoint_knows_how_many_there_were(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    sit(run, session_of(Toy(), **SGD))
    assert steps(run) == [1, 2, 3, 4, 5]
    assert load_tree(run.checkpoint)["events"] == run.events.stat().st_size


def test_events_after_the_last_checkpoint_are_told_again_not_twice(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    sit(run, session_of(Toy(), **SGD), stop_at=3)
    with run.events.open("a") as file:
        file.write(json.dumps({"event": "steps", "step": 4}) + '\n{"event": "st')  # as a killed process leaves it
    sit(run, session_of(Toy(), **SGD))
    assert steps(run) == [1, 2, 3, 4, 5]
    assert all(line.endswith(b"\n") for line in run.events.read_bytes().splitlines(keepends=True))


def test_without_a_checkpoint_a_run_begins_anew(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    run.events.write_text('{"event": "steps", "step": 1}\n')
    session = session_of(Toy(), **SGD)
    assert restore(run, session) == {}
    sit(run, session)
    assert steps(run) == [1, 2, 3, 4, 5]


def test_a_checkpoint_comes_every_so_many_seconds_and_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(1000))
    monkeypatch.setattr("understudy.runs.recorder.time.monotonic", lambda: float(next(clock)))
    saved: list[int] = []
    keep = Checkpointer.save

    def save(self: Checkpointer, session: Session) -> None:
        saved.append(session.progress.step)
        keep(self, session)

    monkeypatch.setattr(Checkpointer, "save", save)
    # the clock ticks once at the start, once at each step, and once more after each save
    sit(RunDirectory(tmp_path), session_of(Toy(), **{**SGD, "steps": 8}), seconds=3)
    assert saved == [3, 6, 8]


def test_the_weights_to_use_are_the_average_the_checkpoint_has_both(tmp_path: Path) -> None:
    run, used = RunDirectory(tmp_path), Toy()
    session = session_of(Toy(), ema=0.5, **SGD)
    sit(run, session)
    load_weights(run.weights, used)
    averaged = 1.0  # of the weights 1, 2, 3, 4, 5
    for step in range(1, 5):
        decay = min(0.5, (1 + step) / (10 + step))
        averaged = decay * averaged + (1 - decay) * (step + 1)
    assert used.weight.item() == session.weights()["weight"].item() == pytest.approx(averaged)
    assert load_tree(run.checkpoint)["session"]["network"]["weight"].item() == 5


@pytest.mark.parametrize("seconds", [0.0, 1e9])
@pytest.mark.parametrize("term", ["loss", "extra"])
def test_a_broken_loss_never_reaches_a_checkpoint(term: str, seconds: float, tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    with pytest.raises(Diverged, match=f"{term} was inf at step 4"):
        sit(run, session_of(Toy(Toy.Config(breaks_at=4, term=term)), log_every=50, **SGD), seconds)
    assert run.checkpoint.exists() == run.weights.exists() == (seconds == 0)
    if seconds == 0:
        kept = load_tree(run.checkpoint)["session"]
        assert (kept["progress"]["step"], kept["network"]["weight"].item()) == (3, 3)


def test_a_broken_loss_is_named_before_the_weight_that_it_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = Toy.loss

    def loss(toy: Toy, batch: Batch) -> Terms:
        terms = sound(toy, batch)
        return {**terms, "loss": terms["loss"] * math.nan} if toy.trained == 4 else terms

    monkeypatch.setattr(Toy, "loss", loss)
    with pytest.raises(Diverged, match="loss was nan at step 4"):
        sit(RunDirectory(tmp_path), session_of(Toy(), log_every=50, **SGD))
    assert load_tree(RunDirectory(tmp_path).checkpoint)["session"]["progress"]["step"] == 3


def test_a_weight_broken_by_a_finite_loss_never_reaches_one_either(tmp_path: Path) -> None:
    run, used = RunDirectory(tmp_path), Toy()
    session = session_of(Toy(), optimizer="sgd", learning_rate=2e38)
    with pytest.raises(Diverged, match="weight weight was inf at step 2"):
        sit(run, session)
    load_weights(run.weights, used)
    assert torch.isfinite(used.weight)
    assert load_tree(run.checkpoint)["session"]["progress"]["step"] == 1
