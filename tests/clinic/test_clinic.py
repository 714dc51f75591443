"""The clinic: its table holds together, chance is fixed, its figures are right, and a cell runs from end to end."""

import sys
from pathlib import Path

import pytest
from scipy.stats import binom

sys.path.insert(0, str(Path(__file__).parents[2]))  # the benchmarks are no part of the package

from benchmarks.clinic.__main__ import rows_of, work
from benchmarks.clinic.cells import Cell, cells
from benchmarks.clinic.fault import House
from benchmarks.clinic.faults import ADDED, FIRST, TABLE
from benchmarks.clinic.healthy import ADDED as ADDED_KINDS
from benchmarks.clinic.healthy import KINDS, ROUND
from benchmarks.clinic.interval import clopper_pearson
from benchmarks.clinic.page import page
from benchmarks.clinic.tally import alarms, delay, tally
from understudy.doctor import rules


def test_there_are_46_faults_and_more_and_each_names_findings() -> None:
    assert len(TABLE) >= 46
    assert {id_ for fault in TABLE.values() for id_ in fault.found} <= set(rules.TABLE)


def test_every_finding_is_planted() -> None:
    asked_for = {"one-batch"}  # told on demand alone
    assert {fault.found[0] for fault in TABLE.values()} == set(rules.TABLE) - asked_for


def test_what_fix_may_cure_is_of_the_house() -> None:
    assert all(isinstance(fault.case, House) for fault in TABLE.values() if fault.curable)


def test_every_kind_of_healthy_run_is_in_a_round() -> None:
    assert set(ROUND) | set(ADDED_KINDS) == set(KINDS)
    assert not set(ROUND) & set(ADDED_KINDS), "what the frozen set is, does not change"


@pytest.mark.parametrize("name", TABLE)
def test_an_instance_follows_from_its_set_and_number(name: str) -> None:
    case = TABLE[name].case
    draws = [TABLE[name].draw(*of) for of in (("choose", 1), ("choose", 1), ("choose", 2), ("frozen", 1))]
    first, again, *others = (case.settings(draw, sick=True) for draw in draws)
    assert first == again
    assert all(first != other for other in others)


def test_cells_have_names_of_their_own() -> None:
    names = [cell.name for cell in cells("choose", 2, 1, 200)]
    added = [cell.name for cell in cells("choose", 2, 1, 30, added=True)]
    assert len(names) == len(set(names)) == 3 * len(FIRST) + 200
    assert len(added) == len(set(added)) == 3 * len(ADDED) + 30
    assert not set(names) & set(added)


@pytest.mark.parametrize(("hits", "of"), [(0, 150), (3, 400), (46, 46), (20, 40)])
def test_beyond_the_interval_such_a_count_has_a_chance_below_a_fortieth(hits: int, of: int) -> None:
    low, high = clopper_pearson(hits, of)
    assert low == 0 or binom.sf(hits - 1, of, low) == pytest.approx(0.025)
    assert high == 1 or binom.cdf(hits, of, high) == pytest.approx(0.025)


def row(cell: str, *findings: str, told: int = 3, broken: int | None = None) -> dict[str, object]:
    severities = {id_: rules.one(id_).severity for id_ in findings}
    return {
        "cell": cell, "findings": list(findings), "severities": severities, "hidden": {}, "disabled": {},
        "told": {id_: [told, severity] for id_, severity in severities.items()}, "broken": broken, "seconds": 1.0,
    }  # fmt: skip


def test_the_figures() -> None:
    taken_back = row("choose/healthy/gan/2") | {"told": {"mode-collapse": [300, "error"]}}
    figures = tally([
        row("choose/sick/softmax-twice/0", "softmax-twice"),
        row("choose/sick/softmax-twice/1", "no-skill", "softmax-twice"),
        row("choose/sick/softmax-twice/2"),
        row("choose/sick/large-weights/0", "weights-too-large"),
        row("choose/control/zeros/0"),
        row("choose/healthy/vae/0", "overfitting"),
        row("choose/healthy/vae/1"),
        taken_back,
        {"cell": "choose/sick/zeros/0", "error": "ValueError: no", "seconds": 0.1},
    ])  # fmt: skip
    assert (figures["recall"]["error"]["hits"], figures["recall"]["error"]["of"]) == (2, 4)
    assert figures["recall"]["warning"]["share"] == 1
    assert figures["right_cause_first"]["hits"] == 2
    assert (figures["precision"]["hits"], figures["precision"]["of"]) == (3, 4)
    assert figures["false_alarms"]["healthy"]["errors_and_warnings"]["hits"] == 1
    assert figures["false_alarms"]["healthy"]["advice"]["hits"] == 1
    assert figures["rules"]["mode-collapse"]["false_alarms"]["hits"] == 1
    assert figures["raised"] == {"choose/sick/zeros/0": "ValueError: no"}
    assert "| softmax-twice: softmax before cross-entropy | error | 2 of 3 | 1 | 3 |" in page(figures)


def test_steps_are_counted_from_the_first_bad_one() -> None:
    assert delay(row("choose/sick/overflow/0", "non-finite", told=70, broken=61), TABLE["overflow"]) == 9
    assert delay(row("choose/sick/overflow/0"), TABLE["overflow"]) is None


def test_the_gravest_that_was_ever_told_counts() -> None:
    told = row("choose/healthy/vae/0", "overfitting") | {"told": {"overfitting": [300, "warning"]}}
    assert alarms(told) == {"overfitting": "warning"}


def test_cells_from_end_to_end_go_on_where_they_were(tmp_path: Path) -> None:
    path = tmp_path / "calibrate.jsonl"
    wanted = [Cell("calibrate", "sick", "softmax-twice", 0), Cell("calibrate", "sick", "zeros", 0)]
    assert work(path, wanted[:1], minutes=1)
    before = path.read_text()
    path.write_text(before + '{"cell": "half a li')
    assert work(path, wanted, minutes=1)
    rows = rows_of(path)
    assert [one["findings"][0] for one in rows] == ["softmax-twice", "symmetric-units"]
    assert path.read_text().startswith(before)


def test_a_cell_that_raises_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.clinic.house.begin", lambda *_: 1 / 0)
    assert Cell("calibrate", "control", "zeros", 0).run()["error"].startswith("ZeroDivisionError")
