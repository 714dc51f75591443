"""The [sweep] table: values, budgets, and what is refused."""

from typing import Any

import pytest

from understudy.errors import OptionError, RequestError
from understudy.settings import validated
from understudy.sweeps.options import SweepConfig, axes, budget, listed, values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1e-1,1e-3", [0.1, 0.001]),
        ("adam, adamax", ["adam", "adamax"]),
        ("true,false", [True, False]),
        ("64", [64]),
        ("[64,32],[128]", [[64, 32], [128]]),
        ("'a b',c", ["a b", "c"]),
    ],
)
def test_values_have_the_types_that_set_gives_them(text: str, expected: list[Any]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2min", {"minutes": 2}),
        ("500steps", {"steps": 500}),
        ("1 step", {"steps": 1}),
        ("30s", {"minutes": 0.5}),
        ("1.5h", {"minutes": 90}),
        ("3 epochs", {"epochs": 3}),
    ],
)
def test_a_budget_is_a_number_with_a_unit(text: str, expected: dict[str, float]) -> None:
    assert budget(text) == expected


@pytest.mark.parametrize("text", ["2", "min", "2 fortnights", "-2min", "2.5steps", ""])
def test_other_budgets_are_refused(text: str) -> None:
    with pytest.raises(OptionError, match="budget"):
        budget(text)


@pytest.mark.parametrize("pair", ["learning_rate", "=1,2", "learning_rate=", "learning_rate= "])
def test_an_axis_needs_a_name_and_values(pair: str) -> None:
    with pytest.raises(OptionError, match="--vary takes key=values"):
        axes([pair], "--vary")


def test_an_axis_comes_once() -> None:
    assert axes(["latent-dim=2", "batch=4"], "--vary") == {"latent_dim": "2", "batch": "4"}
    with pytest.raises(OptionError, match="batch was given twice"):
        axes(["batch=4", "batch=8"], "--vary")


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"seed": 3}, "'seed'.*Did you mean 'seeds'"),
        ({"seeds": 0}, "seeds=0"),
        ({"vary": {"batch": []}}, "batch has no values"),
        ({"vary": {"batch": [4, 4]}}, "batch has a value twice"),
        ({"vary": {"seed": [0, 1]}}, "seeds are given by seeds=N"),
    ],
)
def test_a_wrong_table_is_refused(table: dict[str, Any], told: str) -> None:
    with pytest.raises(RequestError, match=told):
        validated(SweepConfig, table, "sweep options")


def test_from_python_any_list_of_values_is_an_axis() -> None:
    import numpy as np

    assert listed({"batch": np.array([4, 8]), "optimizer": ("adam",)}) == {"batch": [4, 8], "optimizer": ["adam"]}
    for wrong in ("adam", 0.1):
        with pytest.raises(OptionError, match="optimizer takes a list"):
            listed({"optimizer": wrong})
