"""A sweep from request to table: what is refused, and what is ranked by."""

import json
import re
from pathlib import Path
from typing import Any

import made
import numpy as np
import pytest
from small_sweeps import toys

import understudy as us
from understudy.errors import RequestError
from understudy.runs.runfile import read_run_file
from understudy.runs.sweep import Criterion
from understudy.settings import validated
from understudy.sweeps.options import SweepConfig
from understudy.sweeps.plan import Plan

pytestmark = pytest.mark.usefixtures("rows")
SMALL: dict[str, Any] = {"hidden": [8], "batch": 16, "log_every": 2, "quiet": True}


def test_every_combination_with_every_seed_is_a_run_under_the_same_budget() -> None:
    found = toys(vary={"learning_rate": [1.0, 0.5], "momentum": [0.1, 0.2]}, seeds=2)
    assert found.status == "finished"
    assert len(found.rows) == 4
    for row in found.rows:
        runs = [us.load(found.path / outcome.folder) for outcome in row.outcomes]
        assert [run.record["config"]["seed"] for run in runs] == [0, 1]
        for run in runs:
            assert run.record["step"] == 4
            assert {key: run.record["config"]["training"][key] for key in row.options} == row.options
    record = json.loads((found.path / "sweep.json").read_text())
    assert record["criterion"] == {"name": "mse", "better": "low"}
    assert record["budget"] == {"steps": 4}
    assert len(record["rows"]) == 4


def test_rows_are_ranked_on_the_validation_split_with_the_test_split_beside() -> None:
    rates = [1e-4, 1e-1]
    found = us.sweep("vae", "rows.npy", vary={"learning_rate": rates}, seeds=2, budget="40steps", latent_dim=1, **SMALL)
    assert found.criterion == Criterion("loss", "low")
    assert [row.options["learning_rate"] for row in found.rows] == [0.1, 1e-4]
    assert found.best is not None
    assert found.best.options == {"learning_rate": 0.1}
    for row in found.rows:
        for outcome in row.outcomes:
            run = us.load(found.path / outcome.folder)
            told = [event["loss"]["loss"] for event in run.events if event["event"] == "validation"]
            assert outcome.criterion == told[-1]
            assert outcome.scores == run.scores
        values = [outcome.criterion for outcome in row.outcomes]
        assert row.criterion is not None
        assert row.criterion == (np.mean(values), pytest.approx(np.std(values, ddof=1)), 2)
    assert "Ranked by loss on the validation split, lower is better" in str(found)


def test_a_score_to_rank_by_is_the_validation_splits() -> None:
    found = us.sweep("vae", "rows.npy", vary={"latent_dim": [1, 2]}, by="mse", budget="6steps", **SMALL)
    for row in found.rows:
        (outcome,) = row.outcomes
        assert outcome.criterion == us.evaluate(found.path / outcome.folder, split="validation")["mse"]
        assert outcome.criterion != outcome.scores["mse"]


def test_another_criterion_ranks_anew_and_trains_nothing(begun: list[str]) -> None:
    request = {"vary": {"learning_rate": [1.0, 0.5]}, "out": "mine"}
    assert [row.options["learning_rate"] for row in toys(**request).rows] == [0.5, 1.0]
    begun.clear()
    found = toys(**request, by="loss")
    assert begun == []
    assert found.criterion == Criterion("loss", "low")


def test_where_early_stopping_keeps_the_best_weights_their_loss_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("understudy.training.session.LEAST_BETWEEN", 1)
    monkeypatch.setattr(made.Toy, "script", (5, 4, 6, 6, 6))
    found = toys(by=None, budget="50steps", batch=65, early_stopping=2)
    assert found.rows[0].outcomes[0].criterion == 4


def test_without_a_validation_loss_nothing_is_ranked_unless_a_score_is_named() -> None:
    found = us.sweep("duel", "rows.npy", vary={"learning_rate": [1.0, 0.5]}, quiet=True)
    assert found.criterion is None
    assert found.best is None
    assert [row.options["learning_rate"] for row in found.rows] == [1.0, 0.5]
    assert re.search("Not ranked: with several players no one loss.*--by SCORE", str(found))


def test_a_cell_that_diverges_is_a_row_that_comes_last() -> None:
    found = toys(vary={"breaks_at": [2, 0]}, seeds=2)
    assert found.status == "finished"
    assert [row.options["breaks_at"] for row in found.rows] == [0, 2]
    broken = found.rows[1]
    assert [outcome.status for outcome in broken.outcomes] == ["diverged", "diverged"]
    assert "loss was inf at step 2" in str(broken.outcomes[0].reason)
    assert broken.criterion is None
    assert "2 seeds: 2 diverged" in str(found)
    page = (found.path / "sweep.html").read_text()
    assert "loss was inf at step 2" in page


def test_a_mean_over_the_seeds_that_survived_wins_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The row with the lower error, of which one seed diverged, comes after the one that is whole."""
    found = toys(vary={"learning_rate": [1.0, 0.5]}, seeds=2)
    run = found.path / next(row for row in found.rows if row.options["learning_rate"] == 0.5).outcomes[1].folder
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**record, "status": "diverged", "reason": "diverged: said the test"}))
    first, second = us.Sweep(found.path).rows
    assert first.criterion and second.criterion
    assert first.criterion.mean > second.criterion.mean
    assert first.whole and not second.whole


def test_a_cell_that_fails_is_told_and_the_others_are_trained(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    real = made.Toy.loss

    def breaks(self: made.Toy, batch: Any) -> Any:
        if self.config.breaks_at == 7:
            raise ValueError("out of memory")
        return real(self, batch)

    with monkeypatch.context() as broken:
        broken.setattr(made.Toy, "loss", breaks)
        found = toys(vary={"breaks_at": [7, 0]}, out="mine")
    assert {row.options["breaks_at"]: row.outcomes[0].status for row in found.rows} == {0: "finished", 7: "failed"}
    assert "out of memory" in capfd.readouterr().err
    assert {row.outcomes[0].status for row in us.resume_sweep("mine", quiet=True).rows} == {"finished"}


def test_networks_can_vary_and_are_then_ranked_by_a_score() -> None:
    request = {"data": "rows.npy", "vary": {"network": ["vae", "autoencoder"]}, "latent_dim": 1, "budget": "4steps"}
    with pytest.raises(RequestError, match="losses of different networks are different quantities"):
        us.sweep(**request, by="loss", **SMALL)
    found = us.sweep(**request, by="mse", **SMALL)
    networks = {us.load(found.path / row.outcomes[0].folder).record["network"] for row in found.rows}
    assert networks == {"vae", "autoencoder"}


def test_a_run_file_with_a_sweep_table_asks_for_the_same(begun: list[str]) -> None:
    Path("sweep.toml").write_text(
        'network = "toy"\n[data]\nsource = "rows.npy"\n[sweep]\nseeds = 2\nbudget = "4steps"\nby = "mse"\n'
        "[sweep.vary]\nlearning_rate = [1.0, 0.5]\n"
    )
    told = toys(vary={"learning_rate": [1.0, 0.5]}, seeds=2)
    assert len(begun) == 4
    assert us.sweep(config="sweep.toml", quiet=True).path == told.path
    assert len(begun) == 4


RECIPES = sorted((Path(__file__).parents[2] / "recipes" / "sweeps").glob("*.toml"))


def test_there_are_recipes() -> None:
    assert RECIPES


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_cell_of_every_recipe_can_be_asked_for(path: Path) -> None:
    file = read_run_file(path)
    config = validated(SweepConfig, file.pop("sweep"), "sweep options")
    plan = Plan(file, {}, config)
    assert {plan.file(options).source for options in plan.combinations()} == {file["data"]["source"]}


def test_train_says_what_a_sweeps_file_is_for() -> None:
    with pytest.raises(RequestError, match=r"'sweep'.*is for `understudy sweep --config`"):
        us.train(config=RECIPES[0])


def test_arrays_are_swept_too() -> None:
    found = us.sweep("toy", np.load("rows.npy"), vary={"learning_rate": [1.0, 0.5]}, by="mse", epochs=1, quiet=True)
    assert [row.options["learning_rate"] for row in found.rows] == [0.5, 1.0]
    with pytest.raises(RequestError, match="jobs share no arrays"):
        us.sweep("toy", np.load("rows.npy"), jobs=2, quiet=True)


# What is refused


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ({"vary": {"learning_rat": [1.0]}}, "'learning_rat'.*Did you mean 'learning_rate'"),
        ({"vary": {"optimizer": ["adam", "adm"]}}, "optimizer='adm'"),
        ({"vary": {"learning_rate": [1.0, -1.0]}}, "learning_rate=-1"),
        ({"vary": {"learning_rate": [1.0]}, "learning_rate": 0.5}, "both set and varied"),
        ({"vary": {"steps": [1, 2]}}, "is the budget and varies"),
        ({"vary": {"epochs": [1, 2]}, "budget": None}, r"unequal budgets \(epochs=1, epochs=2\).*--unequal"),
        ({"vary": {"network": ["toy", "vae"]}}, "both 'toy' and varied"),
        ({"vary": {"split_sed": [1, 2]}}, "Did you mean 'split_seed'"),
        ({"vary": {"optimizer": ["nesterov"], "momentum": [0.9, 0.0]}}, "nesterov needs momentum"),
        ({"by": "mze"}, "'mze'.*Did you mean 'mse'"),
        ({"by": "pca_mse"}, "score to rank by"),
        ({"by": "nll_samples"}, "score to rank by"),
        ({"budget": "2 fortnights"}, "a budget is a number"),
        ({"seeds": 0}, "seeds=0"),
        ({"jobs": 0}, "jobs is 1 or more"),
    ],
)
def test_a_sweep_with_a_wrong_cell_is_refused_and_nothing_is_trained(request_: dict[str, Any], told: str) -> None:
    before = {path.name for path in Path().iterdir()}
    with pytest.raises(RequestError, match=told) as caught:
        toys(**request_)
    assert "\n" not in str(caught.value)
    assert {path.name for path in Path().iterdir()} == before


def test_the_cell_that_its_data_refuses_is_named() -> None:
    with pytest.raises(RequestError, match=r"latent_dim=2: .*it can copy"):
        us.sweep("autoencoder", "rows.npy", vary={"latent_dim": [1, 2]}, budget="2steps", **SMALL)


def test_data_that_varies_is_no_ranking() -> None:
    with pytest.raises(RequestError, match="what varies changes the data"):
        us.sweep("vae", "digits", vary={"image_size": [8, 12]}, budget="1steps", quiet=True)


def test_unequal_budgets_are_asked_for_by_name_and_told() -> None:
    found = toys(vary={"epochs": [1, 2]}, budget=None, unequal=True)
    assert {row.options["epochs"]: row.scores["steps"].mean for row in found.rows} == {1: 5, 2: 10}
    assert "Not all had the same budget" in str(found)


def test_a_score_that_no_run_has_is_told_when_the_first_cell_ends() -> None:
    with pytest.raises(RequestError, match=r"no run has a fid_lenet to rank by; its scores are: .*mse"):
        toys(by="fid_lenet", vary={"learning_rate": [1.0, 0.5]}, out="mine")
    assert us.Sweep("mine").status == "interrupted"
    assert toys(by="mse", vary={"learning_rate": [1.0, 0.5]}, out="mine").status == "finished"
