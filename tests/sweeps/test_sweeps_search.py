"""A search: seeded, judged on validation data, gone on with where it stopped."""

import builtins
import json
import signal
from pathlib import Path
from typing import Any

import made
import numpy as np
import pytest
from made import POINTS, items_of

import understudy as us
from understudy import models
from understudy.errors import RequestError, RunError
from understudy.models import Entry
from understudy.sweeps.spaces import Choices, Range, corners, spaces

pytestmark = pytest.mark.usefixtures("in_tmp")
SPACE = {"learning_rate": "1e-3..1:log", "breaks_at": [0, 2]}


@pytest.fixture(autouse=True)
def rows(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(models.TABLE, "toy", Entry("made:Toy", "a toy"))
    np.save("rows.npy", items_of(POINTS, 90).numpy())


def searched(**request: Any) -> us.Sweep:
    """The toy errs by steps times rate: the lower, the better; where it breaks, it diverges."""
    usual = {"search": SPACE, "trials": 12, "budget": "4steps", "by": "mse", "out": "mine", "quiet": True}
    return us.sweep("toy", "rows.npy", **{**usual, **request})


def trials(path: str = "mine") -> list[dict[str, Any]]:
    rows = json.loads(Path(path, "sweep.json").read_text())["rows"]
    return [row["options"] for row in sorted(rows, key=lambda row: row["number"])]


def test_spaces_are_ranges_and_choices() -> None:
    found = spaces({"a": "1e-5..0.1:log", "b": "2..64", "c": "adam,adamax", "d": [[64, 32], [8]], "e": "0.5 .. 1"})
    assert found == {
        "a": Range(1e-5, 0.1, log=True), "b": Range(2, 64, log=False), "c": Choices(["adam", "adamax"]),
        "d": Choices([[64, 32], [8]]), "e": Range(0.5, 1, log=False),
    }  # fmt: skip
    assert corners({key: found[key] for key in "bc"}) == [{"b": 2, "c": "adam"}, {"b": 64, "c": "adamax"}]


@pytest.mark.parametrize(
    ("space", "told"),
    [
        ("3..1", "low must be below high"),
        ("0..1:log", "above 0"),
        ("1..2:lag", r"low..high:log, got '1..2:lag'"),
        ("a..b", "takes low..high"),
        ("adam", "has 1 choices"),
        (3, "takes low..high"),
    ],
)
def test_a_wrong_space_is_refused(space: Any, told: str) -> None:
    with pytest.raises(RequestError, match=told):
        spaces({"learning_rate": space})


def test_a_search_leans_towards_what_validates_well_and_away_from_what_diverges() -> None:
    found = searched(trials=20)
    assert found.status == "finished"
    tried = trials()
    assert len(tried) == 20
    assert all(1e-3 <= options["learning_rate"] <= 1 for options in tried)
    early, late = tried[:10], tried[10:]
    assert np.median([options["learning_rate"] for options in late]) < np.median([it["learning_rate"] for it in early])
    assert sum(options["breaks_at"] for options in late) < sum(options["breaks_at"] for options in early)
    assert found.best is not None
    values = [row.criterion.mean for row in found.rows if row.criterion]
    assert values == sorted(values)
    assert "Ranked by mse on the validation split" in str(found)


def test_a_search_that_was_stopped_ends_as_if_it_had_not_been(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = searched(out="whole")
    loss, seen = made.Toy.loss, list[made.Toy]()

    def interrupt(self: made.Toy, batch: Any) -> Any:
        if self not in seen:
            seen.append(self)
            if len(seen) == 5:
                signal.raise_signal(signal.SIGINT)
        return loss(self, batch)

    with monkeypatch.context() as pressed:
        pressed.setattr(made.Toy, "loss", interrupt)
        assert searched().status == "interrupted"
    assert len(trials()) == 5
    assert us.resume_sweep("mine", quiet=True).status == "finished"
    assert trials() == trials("whole")
    assert [row.criterion for row in us.Sweep("mine").rows] == [row.criterion for row in whole.rows]


def test_a_search_grows_by_trials_and_by_nothing_else() -> None:
    searched(trials=3)
    first = trials()
    assert searched(trials=5).status == "finished"
    assert trials()[:3] == first
    for change in ({"seeds": 2}, {"by": "mae"}, {"search": {**SPACE, "learning_rate": "1e-3..2:log"}}):
        with pytest.raises(RunError, match="other settings or budget"):
            searched(**change)


def test_other_proposals_than_before_are_refused() -> None:
    searched(trials=3)
    record = json.loads(Path("mine/sweep.json").read_text())
    next(row for row in record["rows"] if row["number"] == 0)["options"]["learning_rate"] = 0.5
    Path("mine/sweep.json").write_text(json.dumps(record))
    with pytest.raises(RunError, match=r"trial 1 was .*'learning_rate': 0.5.*proposes"):
        searched(trials=4)


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ({"vary": {"momentum": [0.1, 0.2]}}, "give one of them"),
        ({"trials": None}, "search and trials go together"),
        ({"search": {}}, "search and trials go together"),
        ({"search": {"learning_rat": "1..2"}}, "Did you mean 'learning_rate'"),
        ({"search": {"momentum": "0.5..1.5"}}, "momentum=1.5"),
        ({"search": {"optimizer": ["adam", "adm"]}}, "optimizer='adm'"),
    ],
)
def test_a_wrong_search_is_refused_and_nothing_is_trained(request_: dict[str, Any], told: str) -> None:
    with pytest.raises(RequestError, match=told):
        searched(**request_)
    assert not Path("mine").exists()


def test_a_search_needs_something_to_search_by() -> None:
    with pytest.raises(RequestError, match=r"nothing to search by: .*--by SCORE"):
        us.sweep("gan", "rows.npy", search={"learning_rate": "1e-3..1"}, trials=2, budget="2steps", quiet=True)


def test_without_optuna_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name == "optuna":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(RequestError, match=r"pip install 'understudy\[sweeps\]'"):
        searched()
    assert not Path("mine").exists()
