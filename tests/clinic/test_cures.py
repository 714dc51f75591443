"""When a fault counts as cured, and when a cure is none."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # the benchmarks are no part of the package

import understudy as us
from benchmarks.clinic.cures import curable, equalled, planted, reached, tally
from benchmarks.clinic.fault import House
from understudy import experiment


@pytest.mark.parametrize(
    ("cured", "sick", "better", "expected"),
    [
        (1.04, 9.0, "low", True),  # within 5% of the control's 1.0
        (0.5, 0.8, "low", True),  # better than the control
        (1.39, 9.0, "low", True),  # 95% of the way from 9 to 1
        (1.41, 9.0, "low", False),
        (1.2, 1.1, "low", False),  # worse than the fault
        (1.06, None, "low", False),  # there is no way from a run that diverged
        (0.96, 0.1, "high", True),
        (0.94, 0.1, "high", False),
        (0.9, -9.0, "high", True),
    ],
)
def test_a_score_as_good_as_the_controls(cured: float, sick: float | None, better: str, expected: bool) -> None:
    assert reached(cured, 1.0, sick, better) is expected


def test_of_a_loss_below_0_five_percent_are_of_its_size() -> None:
    assert reached(-96.0, -100.0, None, "low") and not reached(-94.0, -100.0, None, "low")


def test_a_cure_that_the_control_change_equals_is_counted() -> None:
    row = {"better": "low", "sick": [3.0, 4.0], "control_change": [2.0, 5.0], "remedied": [1.0, 1.9], "cured": True}
    assert not equalled(row)
    assert equalled(row | {"remedied": [1.0, 2.0]}) and equalled(row | {"better": "high"})
    assert not equalled({"cured": False})
    assert tally([row, row | {"remedied": [1.0, 2.5]}]) == {"cured": 2, "of": 2, "equalled": 1}


def test_a_mistake_that_is_planted_is_in_every_trial(in_tmp: Path) -> None:
    fault = curable()["dead-rectifiers"]
    assert isinstance(fault.case, House)
    recipe = fault.case.recipe(fault.draw("choose", 0), sick=True)
    small = {**recipe.settings, "steps": 1, "hidden": (8, 8), "film": 0}
    ends = []
    for name in ("one", "two"):
        with planted(fault, "choose"):
            run = us.train(recipe.network, recipe.data, seed=recipe.seed, out=name, quiet=True, settings=small)
        ends.append(min(weight.min().item() for name, weight in run.model.named_parameters() if "bias" in name))
    assert ends[0] == ends[1] < -4
    assert experiment.begin.__module__ == "understudy.experiment" and experiment.begin.__name__ == "begin"
