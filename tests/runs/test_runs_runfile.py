import json
from pathlib import Path
from typing import Any

import pytest

from understudy import models
from understudy.errors import OptionError, UnknownName
from understudy.models import Entry
from understudy.runs.runfile import place, read_run_file, resolve
from understudy.training.config import BUDGETS

DEEP = {"network": "deep-autoencoder"}


@pytest.fixture
def four_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network whose recipe, preset, run file and settings may each say something."""
    target = "made:Toy"  # its recipe: 3 epochs, batches of 16, plain gradient steps of rate 1
    monkeypatch.setitem(models.TABLE, "toy", Entry(target, "toy", {"term": "extra"}, {"batch": 17, "momentum": 0.1}))


@pytest.mark.usefixtures("four_layers")
def test_recipe_then_preset_then_run_file_then_settings() -> None:
    asked: dict[str, Any] = {"network": "toy", "training": {"momentum": 0.2, "beta1": 0.2}, "model": {"breaks_at": 2}}
    file = resolve(asked, {"beta1": 0.3, "breaks_at": 3})
    training = file.training
    assert training.beta2 == 0.999  # the class's own default
    assert (training.optimizer, training.learning_rate) == ("sgd", 1.0)  # the recipe's
    assert training.batch == 17  # the preset's over the recipe's
    assert training.momentum == 0.2  # the run file's over the preset's
    assert training.beta1 == 0.3  # the setting over the run file's
    assert file.model["term"] == "extra"
    assert file.model["breaks_at"] == 3
    assert resolve(asked, {"term": "loss"}).model["term"] == "loss"


@pytest.mark.usefixtures("four_layers")
@pytest.mark.parametrize("name", BUDGETS)
def test_a_budget_replaces_whichever_one_stood_below_it(name: str) -> None:
    def budgets(asked: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
        training = resolve({"network": "toy", **asked}, settings).training
        return {key: getattr(training, key) for key in BUDGETS if getattr(training, key) is not None}

    assert budgets({}, {}) == {"epochs": 3}
    assert budgets({}, {name: 7}) == {name: 7}
    assert budgets({"training": {name: 7}}, {}) == {name: 7}
    for other in BUDGETS:
        assert budgets({"training": {other: 9}}, {f"training.{name}": 7}) == {name: 7}
    record = resolve({"network": "toy", "training": {"steps": 9}}, {}).to_json()
    assert budgets({"training": record["training"]}, {name: 7}) == {name: 7}


def test_two_budgets_of_one_voice_are_refused() -> None:
    with pytest.raises(OptionError, match="give one of epochs, steps and minutes; got epochs and steps"):
        resolve(DEEP, {"steps": 2, "epochs": 3})
    with pytest.raises(OptionError, match="give one of"):
        resolve({**DEEP, "training": {"steps": 2, "minutes": 3}}, {})


@pytest.mark.parametrize(
    ("key", "table", "option"),
    [
        ("latent_dim", "model", "latent_dim"),
        ("model.latent_dim", "model", "latent_dim"),
        ("learning_rate", "training", "learning_rate"),
        ("training.batch", "training", "batch"),
        ("image_size", "data", "image_size"),
        ("data.split_seed", "data", "split_seed"),
    ],
)
def test_an_option_is_found_with_or_without_its_table(key: str, table: str, option: str) -> None:
    config = models.entry("vae").load().Config
    assert place(key, config) == (table, option)
    value = 9
    placed = resolve({"network": "vae"}, {key: value}).to_json()[table][option]
    assert placed == value


@pytest.mark.parametrize(
    ("settings", "nearest"),
    [
        ({"latent_dims": 2}, "latent_dim"),
        ({"learnin_rate": 2}, "learning_rate"),
        ({"split_sed": 2}, "split_seed"),
        ({"training.latent_dim": 2}, "latent_dim"),
        ({"model.bta": 2}, None),
    ],
)
def test_an_unknown_option_gets_the_nearest(settings: dict[str, Any], nearest: str | None) -> None:
    with pytest.raises(UnknownName, match=f"Did you mean '{nearest}'" if nearest else "unknown option 'model.bta'"):
        resolve({"network": "vae"}, settings)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, "no network was named"),
        ({"network": 5}, "network is a name or path, got 5"),
        ({"network": ""}, "network is a name or path"),
        ({"network": "vae", "trainig": {}}, "Did you mean 'training'"),
        ({"network": "vae", "training": 5}, r"\[training\] in a run file is a table"),
        ({"network": "vae", "data": "digits"}, r"\[data\] in a run file is a table"),
        ({"network": "vae", "data": {"source": 5}}, "data.source is a name or path, got 5"),
        ({"network": "vae", "seed": -1}, "seed is a whole number"),
        ({"network": "vae", "seed": True}, "seed is a whole number"),
        ({"network": "vae", "seed": 1.5}, "seed is a whole number"),
        ({"network": "vae", "model": {"latent_dmi": 2}}, "Did you mean 'latent_dim'"),
        ({"network": "vae", "training": {"batch": 0, "beta1": 2}}, "batch=0: .*; beta1=2: "),
    ],
)
def test_what_is_wrong_in_a_run_file_is_said(asked: dict[str, Any], told: str) -> None:
    with pytest.raises((OptionError, UnknownName), match=told) as caught:
        resolve(asked, {})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", models.TABLE)
def test_a_record_asks_for_the_same_again(name: str) -> None:
    settings = {"steps": 5, "schedule": "piecewise", "milestones": [0.5], "factors": [0.1], "test_fraction": 0.3}
    file = resolve({"network": name, "seed": 3, "data": {"source": "digits"}}, settings)
    record = json.loads(json.dumps(file.to_json()))
    again = resolve(record, {})
    assert again == file
    assert again.to_json() == file.to_json()


def test_asking_leaves_the_request_as_it_was() -> None:
    asked = {"network": "vae", "data": {"source": "digits"}, "training": {"epochs": 3}}
    before = json.dumps(asked)
    resolve(asked, {"steps": 4})
    assert json.dumps(asked) == before


def test_run_files_are_toml(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text('network = "vae"\n[model]\nhidden = [4, 5]\n')
    assert resolve(read_run_file(path), {}).model["hidden"] == [4, 5]
    path.write_text("network = vae")
    with pytest.raises(OptionError, match=r"cannot read run file '.*run.toml'"):
        read_run_file(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(OptionError, match="cannot read run file"):
        read_run_file(path)
    with pytest.raises(OptionError, match="no run file"):
        read_run_file(tmp_path / "none.toml")


RECIPES = sorted((Path(__file__).parents[2] / "recipes").glob("*.toml"))


def test_there_are_recipes() -> None:
    assert RECIPES


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_of_the_house_can_be_asked_for(path: Path) -> None:
    asked = read_run_file(path)
    file = resolve(asked, {})
    assert file.network == asked["network"]
    assert file.source == asked["data"]["source"]
