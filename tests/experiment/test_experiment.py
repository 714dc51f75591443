"""From a request to a run: what is written, what is refused, and what is left when something goes wrong."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from made import PICTURES, Heard, items_of
from numpy.typing import NDArray
from small_runs import SMALL, StopsAt, timeless, train

import understudy as us
from understudy.errors import RequestError, RunError
from understudy.runs.directory import RunDirectory
from understudy.training.checkpoint import load_tree
from understudy.training.session import Session

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


# Small and odd data


@pytest.mark.parametrize("network", ["vae", "autoencoder", "denoising-autoencoder", "conv-autoencoder"])
@pytest.mark.parametrize("count", [3, 5, 12])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # PCA divides by n - 1: one item to train
def test_a_handful_of_pictures_trains_and_scores_without_a_nan(network: str, count: int) -> None:
    run = us.train(network, items_of(PICTURES, count).numpy(), steps=2, quiet=True)
    assert run.status == "finished"
    assert all(math.isfinite(value) for value in run.scores.values())
    assert all(path.stat().st_size for path in RunDirectory(run.path).figures.iterdir())
