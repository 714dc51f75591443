"""A fix from a sick run to a cured one: what wins, what is refused, and what happens when it is stopped."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from made import POINTS, SPECS, Toy, ToyConfig, items_of
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import nn

import understudy as us
from understudy import models
from understudy.cures.patches import options_of
from understudy.data.spec import Spec
from understudy.doctor.finding import Finding, Measured, Remedy
from understudy.doctor.stored import verdict_of
from understudy.doctor.verdict import Verdict
from understudy.errors import OptionError, RequestError, RunError, UnknownName
from understudy.models import Entry
from understudy.runs.runfile import resolve
from understudy.sweeps import cell as cells

pytestmark = pytest.mark.usefixtures("in_tmp")
STEEP: dict[str, Any] = {
    "hidden": [16], "latent_dim": 3, "layer_norm": False, "activation": "relu", "optimizer": "momentum", "steps": 40,
    "batch": 32, "schedule": "constant", "log_every": 10, "film": 0, "quiet": True,
}  # fmt: skip


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class LuckConfig(ToyConfig):
    """Options of the lucky network."""

    charm: int = Field(0, description="which of the rows of errors it has")


class Luck(Toy):
    """Errs by what its charm and its seed say, whatever it learns."""

    Config: ClassVar[type] = LuckConfig
    recipe: ClassVar[dict[str, Any]] = {"steps": 2, "batch": 16, "optimizer": "sgd", "learning_rate": 1e-9}
    errors: ClassVar[dict[int, Sequence[float]]] = {0: (5, 6, 5.5, 9), 1: (3, 4, 0, 0)}
    """Of the first seed, the next, and of the control's two; the control has charm 0."""

    def __init__(self, config: LuckConfig = LuckConfig(), spec: Spec = POINTS) -> None:  # noqa: B008
        super().__init__(spec=spec)
        self.config = config
        seed = torch.initial_seed()
        self.weight = nn.Parameter(torch.tensor(float(self.errors[config.charm][seed % 1000 + 2 * (seed >= 1000)])))


def finding(*remedies: Remedy) -> Finding:
    """One whose rule finds nothing in a toy's run."""
    return Finding(
        "non-finite", "error", "it is sick", "look", "chance", remedies, 1, "loss", Measured("training/loss", 1.0)
    )


@pytest.fixture(autouse=True)
def networks(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(models.TABLE, "toy", Entry("made:Toy", "a toy"))
    monkeypatch.setitem(models.TABLE, "luck", Entry("test_cures_fix:Luck", "luck"))
    np.save("rows.npy", items_of(POINTS, 90).numpy())


def sick(monkeypatch: pytest.MonkeyPatch, network: str, *remedies: Remedy, **options: Any) -> us.Run:
    """A run of which this is found."""
    run = us.train(network, "rows.npy", out="sick", quiet=True, **options)
    monkeypatch.setattr("understudy.cures.fix.verdict_of", lambda path: Verdict((finding(*remedies),)))
    return run


def verdicts(found: us.Fix) -> dict[str, str]:
    return {trial["title"]: trial["verdict"] for trial in found.record["trials"] if trial["kind"] == "remedy"}


# What wins


@pytest.fixture(scope="module")
def diverged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[us.Run]:
    """A run whose steps are so large that its loss leaves the numbers, under ./runs."""
    place = tmp_path_factory.mktemp("fix")
    np.save(place / "forty.npy", items_of(SPECS["rows of 40"], 200).numpy())
    yield us.train("autoencoder", place / "forty.npy", learning_rate=0.1, out=place / "runs" / "wild", **STEEP)


def test_a_run_that_diverges_is_cured_by_smaller_steps(diverged: us.Run) -> None:
    found = us.fix(diverged, seeds=2, quiet=True)
    assert found.status == "cured"
    assert found.path == diverged.path.with_name("wild-fix")
    cured = found.cured
    assert cured is not None
    assert cured.status == "finished"
    assert cured.findings == []
    kept = cured.record["cures"]
    assert kept["run"] == str(diverged.path.resolve())
    assert kept["findings"] == ["non-finite"]
    for name, value in kept["options"].items():
        assert cured.record["config"]["training"][name] == value
        assert diverged.record["config"]["training"][name] != value
    assert cured.record["config"]["seed"] == diverged.record["config"]["seed"]
    trials = {trial["title"]: trial for trial in found.record["trials"]}
    assert trials["Take smaller steps"]["verdict"] == "wins"
    assert [run["effects"]["non-finite"]["gone"] for run in trials["Take smaller steps"]["runs"]] == [True, True]
    for kind in ("no change", "control: other seeds, batch=24"):
        assert [run["status"] for run in trials[kind]["runs"]] == ["diverged", "diverged"]
        assert [run["effects"]["non-finite"]["gone"] for run in trials[kind]["runs"]] == [False, False]
    assert found.record["findings"][0]["untried"][0]["title"] == "Compute in 32 bits"
    assert re.search(r"Take smaller steps +learning_rate=0.01 +2 of 2 .*wins", str(found))
    assert re.search(r"no change +0 of 2 .*2 diverged", str(found))
    page = (found.path / "fix.html").read_text()
    assert "Take smaller steps" in page
    assert f"<dt>Cures</dt><dd>{kept['run']}" in (cured.path / "report.html").read_text()
    assert "Before and after" in page


def test_it_is_judged_on_the_validation_split_alone(diverged: us.Run, begun: list[str]) -> None:
    found = us.fix(diverged, seeds=2, quiet=True)
    assert begun == []  # done before
    trial = next(trial for trial in found.record["trials"] if trial["title"] == "Take smaller steps")
    for run in trial["runs"]:
        path = found.path / "trials" / run["folder"]
        assert run["criterion"] == us.evaluate(path, split="validation")["mse"]
        assert run["criterion"] != us.load(path).scores["mse"]


def test_trials_may_be_shorter_than_the_cured_run(monkeypatch: pytest.MonkeyPatch) -> None:
    run = sick(monkeypatch, "toy", Remedy("slow", {"learning_rate": "/10"}), steps=20)
    found = us.fix(run, seeds=2, budget="4steps", quiet=True)
    assert [one["criterion"] for one in found.record["trials"][0]["runs"]] == [pytest.approx(16.0)] * 2
    cured = found.cured
    assert cured is not None
    assert cured.record["step"] == 20
    assert cured.record["config"]["training"]["learning_rate"] == 0.1


def test_epochs_become_steps_so_that_a_change_of_the_batch_is_none_of_the_budget(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = sick(monkeypatch, "toy", Remedy("more", {"batch": "*2"}), Remedy("slow", {"learning_rate": "/10"}), epochs=3)
    found = us.fix(run, seeds=2, quiet=True)
    assert verdicts(found) == {"more": "no better than no change", "slow": "wins"}
    taken = {us.load(found.path / "trials" / one["folder"]).record["step"]
             for trial in found.record["trials"] for one in trial["runs"] if one["status"] == "finished"}  # fmt: skip
    assert taken == {run.record["step"]}


# What is refused


def test_a_cure_that_the_control_equals_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    run = sick(monkeypatch, "luck", Remedy("a charm", {"charm": 1}))
    assert us.fix(run, seeds=2, quiet=True).cured is not None  # worst 4, better than the best of all others, 5
    monkeypatch.setitem(Luck.errors, 0, (5, 6, 3.5, 9))  # type: ignore[index]
    found = us.fix(run, seeds=2, out="again", quiet=True)
    assert verdicts(found) == {"a charm": "no better than the control"}
    assert found.cured is None
    assert found.status == "not cured"
    assert "Nothing won" in str(found)
    assert "drawn anew" in str(found)
    assert not (found.path / "cured").exists()


@pytest.mark.parametrize("errors", [(3, 5.5, 0, 0), (4.99, 4.99, 0, 0), (5, 6, 0, 0), (float("nan"), 1, 0, 0)])
def test_a_remedy_with_a_seed_no_better_than_no_change_is_refused(
    errors: Sequence[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(Luck.errors, 1, errors)  # type: ignore[index]
    found = us.fix(sick(monkeypatch, "luck", Remedy("a charm", {"charm": 1})), seeds=2, quiet=True)
    assert found.status == "not cured"
    assert verdicts(found)["a charm"] in ("no better than no change", "does not finish")


def test_what_settings_do_not_cure_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    remedies = [
        Remedy("Get other data", code="data.drop_duplicates()"),
        Remedy("Strike out values", {"dropout": 0.2}),
        Remedy("As it is", {"learning_rate": 1.0}),
        Remedy("Longer", {"steps": 900}),
        Remedy("Clip less", {"clip_norm": "*2"}),
        Remedy("Another split", {"split_seed": 7}),
    ]
    found = us.fix(sick(monkeypatch, "toy", *remedies), quiet=True)
    assert found.status == "not curable"
    assert not found.path.exists()
    told = str(found)
    assert "non-finite is not curable by settings: it is sick. To do:" in told
    assert "Get other data (no option does it): data.drop_duplicates()" in told
    assert re.search(r"Strike out values \(unknown option 'dropout'", told)
    assert "As it is (the run has it already: learning_rate=1.0)" in told
    assert re.search(r"Longer \(it needs a longer budget", told)
    assert "Clip less (clip_norm is unset, so that *2 says nothing)" in told
    assert "Another split (split_seed changes what is judged on" in told


def test_a_healthy_run_has_nothing_to_cure() -> None:
    run = us.train("toy", "rows.npy", out="well", learning_rate=1e-3, quiet=True)
    assert verdict_of(run.path).findings == ()
    found = us.fix(run, quiet=True)
    assert (found.status, found.cured) == ("healthy", None)
    assert not found.path.exists()


def test_a_wrong_request_trains_nothing(monkeypatch: pytest.MonkeyPatch, begun: list[str]) -> None:
    run = sick(monkeypatch, "toy", Remedy("slow", {"learning_rate": "/10"}))
    with pytest.raises(OptionError, match="seeds=1"):
        us.fix(run, seeds=1)
    with pytest.raises(UnknownName, match=r"overfiting.*Did you mean 'overfitting'"):
        us.fix(run, findings=["overfiting"])
    with pytest.raises(UnknownName, match=r"finding of this run 'overfitting'.*Known: non-finite"):
        us.fix(run, findings=["overfitting"])
    with pytest.raises(RequestError, match=r"'msee'.*Did you mean 'mse'"):
        us.fix(run, by="msee")
    with pytest.raises(RunError, match="exists and is no fix"):
        us.fix(run, out="sick")
    assert begun == []
    with pytest.raises(OptionError, match=r"no run has a bleu to judge by; its scores are: .*mse"):
        us.fix(run, by="bleu", quiet=True)


# When it is stopped


def test_a_remedy_that_lost_is_not_tried_on(monkeypatch: pytest.MonkeyPatch, begun: list[str]) -> None:
    run = sick(monkeypatch, "toy", Remedy("fast", {"learning_rate": "*2"}), Remedy("slow", {"learning_rate": "/2"}))
    found = us.fix(run, seeds=3, quiet=True)
    assert verdicts(found) == {"fast": "no better than no change", "slow": "wins"}
    assert [folder for folder in begun if "2.0" in folder] == ["learning_rate=2.0/seed-0"]
    assert len([folder for folder in begun if "0.5" in folder]) == 3
    assert "slow won" in str(found)


def test_the_same_request_goes_on_where_it_was_stopped(monkeypatch: pytest.MonkeyPatch, begun: list[str]) -> None:
    run = sick(monkeypatch, "toy", Remedy("slow", {"learning_rate": "/2"}))
    real = cells.train

    def stop_at(**request: Any) -> us.Run:
        if request["out"].parts[-2:] == ("learning_rate=0.5", "seed-1"):
            raise KeyboardInterrupt
        return real(**request)

    monkeypatch.setattr(cells, "train", stop_at)
    found = us.fix(run, seeds=2, quiet=True)
    assert (found.status, found.cured) == ("interrupted", None)
    assert "the same command goes on" in str(found)
    assert json.loads((found.path / "fix.json").read_text())["status"] == "interrupted"
    before = len(begun)
    monkeypatch.setattr(cells, "train", real)
    found = us.fix(run, seeds=2, quiet=True)
    assert begun[before:] == ["learning_rate=0.5/seed-1"]
    assert found.status == "cured"
    grown = us.fix(run, seeds=3, quiet=True)  # more seeds: only what is missing
    assert grown.status == "cured"
    assert len(begun) == before + 1 + 3
    with pytest.raises(RunError, match="another run or budget"):
        us.fix(run, seeds=3, budget="3steps")


# Patches


def test_patches_become_options_of_the_run() -> None:
    file = resolve(
        {"network": "vae", "data": {"source": "digits"}}, {"learning_rate": 3e-3, "batch": 10, "clip_norm": 2.0}
    )
    assert options_of({"learning_rate": "/10", "batch": "/4"}, file) == {"learning_rate": 3e-4, "batch": 2}
    assert options_of({"clip_norm": "*2.5", "free_bits": 0.1}, file) == {"clip_norm": 5.0, "free_bits": 0.1}
    with pytest.raises(OptionError, match="has it already: batch=10"):
        options_of({"batch": 10}, file)
