"""From a request to a run: what is written, what is refused, and what is left when something goes wrong."""

import json
import math
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from made import PICTURES, POINTS, Heard, items_of
from numpy.typing import NDArray

import understudy as us
from understudy import models
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.doctor import journal
from understudy.doctor.signals import Row
from understudy.errors import DataError, OptionError, RequestError, RunError, UnknownName
from understudy.models import Entry
from understudy.runs.directory import RunDirectory
from understudy.training.checkpoint import load_tree
from understudy.training.loop import Observer
from understudy.training.session import Session

SMALL: dict[str, Any] = {"steps": 6, "batch": 16, "hidden": [8], "latent_dim": 2, "log_every": 2}
pytestmark = pytest.mark.usefixtures("in_tmp")


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(models.TABLE, "toy", Entry("made:Toy", "a toy"))


@pytest.fixture
def array() -> NDArray[np.float32]:
    return items_of(POINTS, 90).numpy()  # 65 to train, 7 to validate, 18 to test


@pytest.fixture
def file(array: NDArray[np.float32]) -> Path:
    np.save("rows.npy", array)
    return Path("rows.npy")


def train(data: Any, network: str = "vae", **options: Any) -> us.Run:
    small = SMALL if network == "vae" else {"steps": 6}
    return us.train(network, data, quiet=True, **{**small, **options})


def timeless(run: us.Run) -> list[dict[str, Any]]:
    return [{key: value for key, value in event.items() if key != "time"} for event in run.events]


def signals(run: us.Run) -> list[Row]:
    """What the first steps' samples, which no clock decides on, have left."""
    rows, _, disabled = journal.read(run.path / journal.NAME)
    assert disabled == {}
    return [row for row in rows if row[1] in ("gradient", "update_ratio", "first_loss", "constant") and row[0] <= 4]


class StopsAt(Observer):
    """Presses Ctrl-C, or breaks, at a step."""

    def __init__(self, step: int, error: BaseException | None = None) -> None:
        self.step, self.error = step, error

    def on_step(self, session: Session) -> None:
        if session.progress.step == self.step:
            if self.error is not None:
                raise self.error
            signal.raise_signal(signal.SIGINT)


# What a run is


def test_a_run_is_a_directory_that_anyone_can_read(array: NDArray[np.float32]) -> None:
    run = train(array, seed=4)
    assert run.path == Path("runs/vae-array-1")
    assert {path.name for path in run.path.iterdir()} >= {
        "run.json", "events.jsonl", "scores.json", "findings.json", "model.safetensors", "model.json",
        "checkpoint.safetensors", "report.html", "figures",
    }  # fmt: skip
    record = run.record
    assert (record["status"], record["step"], record["reason"]) == ("finished", 6, None)
    assert record["config"]["seed"] == 4
    assert record["config"]["model"]["latent_dim"] == 2
    assert record["config"]["training"]["steps"] == 6
    assert record["data"]["sizes"] == {"train": 65, "validation": 7, "test": 18}
    assert record["parameters"] == sum(parameter.numel() for parameter in run.model.parameters())
    assert run.scores["steps"] == 6
    assert [event["step"] for event in run.events if event["event"] == "steps"] == [2, 4, 6]
    assert run.events[-1]["event"] == "end"
    assert train(array).path == Path("runs/vae-array-2")


def test_a_record_has_no_options_that_mean_nothing_to_its_data(array: NDArray[np.float32]) -> None:
    """Their defaults may change, and what was never asked for would then look as if it had been."""
    options = train(array).record["config"]["data"]
    assert "split_seed" in options
    assert not {"season", "differencing", "fold", "sequence_length"} & set(options)


def test_items_and_labels_are_a_pair(array: NDArray[np.float32]) -> None:
    labels = np.arange(90) % 3
    run = train((array, labels))
    assert run.spec.classes == ("0", "1", "2")
    classes = json.loads((run.path / "figures/latent.json").read_text())["classes"]
    assert classes == ["0", "1", "2"]


def test_the_scores_are_of_the_weights_that_are_kept(array: NDArray[np.float32]) -> None:
    """The toy's copies err by its weight, which is the number of its steps: 6."""
    assert train(array, "toy").scores["mse"] == pytest.approx(36)
    averaged = train(array, "toy", ema=0.5)
    weight = averaged.model.weight.item()
    assert 5 < weight < 6  # the average lags behind
    assert averaged.scores["mse"] == pytest.approx(weight**2)


def test_early_stopping_scores_and_saves_the_best_weights(
    array: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("understudy.training.session.LEAST_BETWEEN", 1)
    monkeypatch.setattr("made.Toy.script", (5, 4, 6, 6, 6))
    run = train(array, "toy", steps=50, batch=65, early_stopping=2)
    assert run.model.weight.item() == 2
    assert run.scores["mse"] == pytest.approx(4)
    assert run.record["step"] == 4
    assert run.record["reason"] == "no better validation loss than 4 in 2 validations"
    assert load_tree(run.directory.checkpoint)["session"]["network"]["weight"].item() == 4


def test_the_same_seed_gives_the_same_run_another_another(array: NDArray[np.float32]) -> None:
    first, again, other = (train(array, seed=seed) for seed in (1, 1, 2))
    clockless = [{k: v for k, v in run.scores.items() if k != "train_seconds"} for run in (first, again, other)]
    assert clockless[0] == clockless[1] != clockless[2]
    assert timeless(first) == timeless(again) != timeless(other)
    assert np.array_equal(first.sample(3), again.sample(3))
    assert first.record["data"]["fingerprint"] == other.record["data"]["fingerprint"]


def test_seeds_share_their_test_items(array: NDArray[np.float32]) -> None:
    runs = [train(array, "toy", seed=seed) for seed in (1, 2)]
    assert runs[0].scores["pca_mse"] == runs[1].scores["pca_mse"]


# Requests


def test_a_run_file_a_mapping_and_arguments_ask_for_the_same(file: Path) -> None:
    Path("run.toml").write_text(
        'network = "vae"\nseed = 3\n[data]\nsource = "rows.npy"\n[model]\nhidden = 8\nlatent_dim = 2\n'
        "[training]\nsteps = 6\nbatch = 16\nlog_every = 2\n"
    )
    told = train(file, seed=3)
    by_file = us.train(config="run.toml", quiet=True)
    by_mapping = us.train(config=told.record["config"], quiet=True)
    assert timeless(told) == timeless(by_file) == timeless(by_mapping)
    assert told.record["config"] == by_file.record["config"] == by_mapping.record["config"]
    assert told.record["config"]["data"]["source"] == str(file.resolve())
    shorter = us.train(config="run.toml", quiet=True, epochs=1, seed=9)
    assert (shorter.record["step"], shorter.record["config"]["seed"]) == (5, 9)


def test_arrays_win_over_the_run_files_data(array: NDArray[np.float32]) -> None:
    config = {"network": "toy", "data": {"source": "digits", "test_fraction": 0.5}}
    run = us.train(data=array, config=config, quiet=True)
    assert run.record["config"]["data"]["source"] is None
    assert run.record["data"]["sizes"]["test"] == 45
    with pytest.raises(RunError, match="was trained on arrays"):
        us.evaluate(run.path)


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ({"network": "vae"}, "no data was named"),
        ({"data": "digits"}, "no network was named"),
        ({"network": "vae", "config": {"data": "digits"}}, r"\[data\] in a run file is a table"),
        ({"network": "vae", "config": {"data": 5}, "data": "digits"}, r"\[data\] in a run file is a table"),
        ({"network": "vae", "data": "digits", "latent_dims": 3}, "Did you mean 'latent_dim'"),
        ({"network": "vae", "data": "digits", "device": "cuda:99"}, "cannot be used here"),
        ({"network": "vae", "data": "digits", "optimizer": "nesterov", "momentum": 0}, "nesterov needs momentum"),
        ({"network": "autoencoder", "data": "moons", "latent_dim": 2}, "it can copy"),
        ({"network": "vae", "data": "digits", "seed": -1}, "seed is a whole number"),
    ],
)
def test_a_wrong_request_is_refused_and_nothing_is_written(request_: dict[str, Any], told: str) -> None:
    with pytest.raises(RequestError, match=told) as caught:
        us.train(quiet=True, **request_)
    assert "\n" not in str(caught.value)
    assert list(Path().iterdir()) == []


def test_a_taken_directory_is_left_alone(array: NDArray[np.float32]) -> None:
    run = train(array, out="mine")
    before = run.directory.record.read_bytes()
    with pytest.raises(RunError, match="'mine' exists"):
        train(array, out="mine")
    assert run.directory.record.read_bytes() == before


# Observers


def test_observers_hear_of_everything(array: NDArray[np.float32]) -> None:
    class Listens(Heard):
        def on_start(self, session: Session) -> None:
            calls.append("start")

        def on_step(self, session: Session) -> None:
            calls.append(f"step {session.progress.step}")

        def on_end(self, session: Session) -> None:
            calls.append("end")

    calls: list[str] = []
    heard = Listens()
    run = train(array, observers=[heard])
    assert calls == ["start", *[f"step {n}" for n in range(1, 7)], "end"]
    assert heard.events == timeless(run)[:-1]  # the record's last line says that scoring can begin


@pytest.mark.parametrize("error", [ValueError("no more room"), KeyError("name"), OSError("disk full"), RuntimeError()])
def test_a_failing_observer_fails_the_run_and_costs_no_checkpoint(error: Exception, array: NDArray[np.float32]) -> None:
    with pytest.raises(type(error)):
        train(array, "toy", out="run", checkpoint_seconds=0, observers=[StopsAt(4, error)])
    run = us.load("run")
    assert run.status == "failed"
    assert run.record["reason"] == (str(error) or "RuntimeError()")
    assert run.record["ended"]
    assert load_tree(run.directory.checkpoint)["session"]["progress"]["step"] == 4
    assert us.resume("run", data=array, quiet=True).status == "finished"
    assert us.load("run").model.weight.item() == 6


def test_failing_to_score_is_a_failure_that_resume_takes_up(
    array: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise ValueError("no score")

    with monkeypatch.context() as broken, pytest.raises(ValueError, match="no score"):
        broken.setattr("understudy.experiment.judge", breaks)
        train(array, "toy", out="run")
    assert us.load("run").status == "failed"
    run = us.resume("run", data=array, quiet=True)
    assert (run.status, run.scores["mse"]) == ("finished", pytest.approx(36))
    assert [event["event"] for event in run.events].count("end") == 1


@pytest.mark.parametrize("quiet", [True, False])
def test_quiet_is_silent(quiet: bool, array: NDArray[np.float32], capfd: pytest.CaptureFixture[str]) -> None:
    us.train("vae", array, quiet=quiet, **SMALL)
    out, err = capfd.readouterr()
    assert out == ""
    assert (err == "") == quiet
    assert quiet or "step 6/6" in err


# Divergence


@pytest.mark.parametrize(("term", "value"), [("loss", math.inf), ("loss", math.nan), ("extra", -math.inf)])
def test_a_diverged_run_says_where_and_keeps_its_last_good_weights(
    term: str, value: float, array: NDArray[np.float32]
) -> None:
    run = train(array, "toy", breaks_at=4, term=term, value=value, checkpoint_seconds=0, log_every=3)
    assert run.status == "diverged"
    assert f"{term} was {value} at step 4" in run.record["reason"]
    (found,) = run.findings
    assert (found["id"], found["severity"], found["step"]) == ("non-finite", "error", 4)
    assert found["title"] == f"{term} became {value}"
    assert set(found) == {"id", "severity", "title", "evidence", "cause", "remedies", "step", "place", "measured"}
    assert run.scores == {}
    assert run.model.weight.item() == 3
    assert run.events[-1]["status"] == "diverged"
    with pytest.raises(RunError, match="train anew with other settings"):
        us.resume(run.path, data=array)


def test_a_finding_is_told_when_it_is_found_and_is_in_the_report(
    array: NDArray[np.float32], capfd: pytest.CaptureFixture[str]
) -> None:
    run = us.train("toy", array, steps=6, breaks_at=4)
    lines = [line for line in capfd.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert lines[0].startswith("error: loss became inf (step 4): ") and lines[0].endswith("[non-finite]")
    assert "loss became inf" in (run.path / "report.html").read_text()


def test_weights_that_break_while_the_loss_is_finite_are_found_before_they_are_saved(
    array: NDArray[np.float32],
) -> None:
    run = train(array, "toy", learning_rate=1e38, checkpoint_seconds=0)
    assert run.status == "diverged"
    assert run.findings[0]["title"] == "weight weight became inf"
    assert run.findings[0]["step"] == 4
    assert torch.isfinite(run.model.weight)


# Going on


def test_a_stopped_run_goes_on_to_the_same_end(array: NDArray[np.float32]) -> None:
    whole = train(array)
    run = train(array, observers=[StopsAt(3)])
    assert (run.status, run.record["reason"], run.record["step"]) == ("interrupted", "stopped by SIGINT", 3)
    assert run.scores == {}
    done = us.resume(run.path, data=array, quiet=True)
    assert (done.status, done.record["reason"]) == ("finished", None)
    assert timeless(done) == timeless(whole)
    assert signals(done) == signals(whole)
    assert all(torch.equal(a, b) for a, b in zip(done.model.parameters(), whole.model.parameters(), strict=True))
    before = done.directory.record.read_bytes()
    assert us.resume(run.path).status == "finished"
    assert done.directory.record.read_bytes() == before


def test_data_that_changed_is_refused(file: Path, array: NDArray[np.float32]) -> None:
    run = train(file, observers=[StopsAt(3)])
    finished = train(file)
    np.save(file, array + 1)
    scores = finished.scores
    for act in (us.resume, us.evaluate):
        with pytest.raises(RunError, match="has changed since the run began"):
            act(run.path)
    with pytest.raises(RunError, match="has changed since the run began"):
        us.evaluate(finished.path)
    assert finished.scores == scores
    assert us.load(run.path).status == "interrupted"
    np.save(file, array)
    assert us.resume(run.path, quiet=True).status == "finished"


def test_other_arrays_are_no_way_to_go_on(array: NDArray[np.float32]) -> None:
    run = train(array, observers=[StopsAt(3)])
    with pytest.raises(RunError, match="pass the same ones, data="):
        us.resume(run.path)
    with pytest.raises(RunError, match="has changed since the run began"):
        us.resume(run.path, data=array * 2)
    assert us.load(run.path).status == "interrupted"


def test_a_damaged_checkpoint_is_said_and_changes_nothing(array: NDArray[np.float32]) -> None:
    run = train(array, observers=[StopsAt(3)])
    run.directory.checkpoint.write_bytes(run.directory.checkpoint.read_bytes()[:500])
    with pytest.raises(RunError, match="cannot read checkpoint"):
        us.resume(run.path, data=array)
    assert us.load(run.path).status == "interrupted"


def test_a_run_that_is_being_trained_is_left_alone(array: NDArray[np.float32]) -> None:
    run = train(array, observers=[StopsAt(3)])
    with run.directory.locked(), pytest.raises(RunError, match="is being trained by another process"):
        us.resume(run.path, data=array)


def test_a_run_on_a_device_that_is_gone_says_so(array: NDArray[np.float32]) -> None:
    run = train(array, observers=[StopsAt(3)])
    run.directory.update(device="cuda:99")
    with pytest.raises(OptionError, match="device 'cuda:99' cannot be used here"):
        us.resume(run.path, data=array)


# Scoring again


def test_scoring_again_gives_the_same_scores_and_other_data_leaves_them(file: Path) -> None:
    run = train(file)
    scores, modified = run.scores, (run.path / "scores.json").stat().st_mtime_ns
    np.save("other.npy", np.random.RandomState(0).normal(size=(40, 2)))
    others = us.evaluate(run.path, data="other.npy")
    assert others["mse"] != scores["mse"]
    assert (run.path / "scores.json").stat().st_mtime_ns == modified
    (run.path / "scores.json").unlink()
    assert us.evaluate(run.path) == scores == run.scores
    np.save("wide.npy", np.zeros((40, 3)))
    with pytest.raises(DataError, match="was trained on rows of 2 values"):
        us.evaluate(run.path, data="wide.npy")


def test_the_validation_split_is_scored_to_choose_by_and_the_test_split_is_left_out_of_it(
    array: NDArray[np.float32],
) -> None:
    np.save("rows.npy", array)
    run = train("rows.npy")
    before = (run.path / "scores.json").read_bytes()
    chosen = us.evaluate(run.path, split="validation")
    assert chosen["mse"] != run.scores["mse"]
    validation = load("rows.npy", DataOptions()).validation
    x = validation.take(torch.arange(len(validation))).x
    with torch.no_grad():
        copies = run.model.reconstruct(x)
    assert chosen["mse"] == pytest.approx((copies - x).square().mean().item(), rel=1e-5)
    assert (run.path / "scores.json").read_bytes() == before
    with pytest.raises(UnknownName, match=r"'train'.*Known: test, validation"):
        us.evaluate(run.path, split="train")
    with pytest.raises(OptionError, match="other data is scored whole"):
        us.evaluate(run.path, data="rows.npy", split="validation")


def test_a_killed_run_can_be_scored_without_inventing_its_costs(file: Path) -> None:
    run = train(file, observers=[StopsAt(3)])
    record: Mapping[str, Any] = json.loads(run.directory.record.read_text())
    kept = {key: value for key, value in record.items() if key != "train_seconds"}
    run.directory.record.write_text(json.dumps({**kept, "status": "running", "ended": None, "step": 0}))
    scores = us.evaluate(run.path)
    assert "mse" in scores
    assert not {"train_seconds", "steps"} & set(scores)


# Small and odd data


@pytest.mark.parametrize("network", ["vae", "autoencoder", "denoising-autoencoder", "conv-autoencoder"])
@pytest.mark.parametrize("count", [3, 5, 12])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # PCA divides by n - 1: one item to train
def test_a_handful_of_pictures_trains_and_scores_without_a_nan(network: str, count: int) -> None:
    run = us.train(network, items_of(PICTURES, count).numpy(), steps=2, quiet=True)
    assert run.status == "finished"
    assert all(math.isfinite(value) for value in run.scores.values())
    assert all(path.stat().st_size for path in RunDirectory(run.path).figures.iterdir())
