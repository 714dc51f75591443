"""One root finding for each cause, the gravest first, and what was not checked is said."""

import json
from dataclasses import replace

from understudy.doctor import rules
from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, NotEnough, Outcome
from understudy.doctor.rule import Example, Rule
from understudy.doctor.signals import Signals
from understudy.doctor.verdict import examine

SIGNALS = Signals.of({"x": [1, 2, 3]})


def ill(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    return rule.fire("it is so", step=5 if rule.id == "late" else 2)


def rule(id_: str, examine=ill, **fields) -> Rule:  # type: ignore[no-untyped-def]
    return replace(
        rules.one("non-finite"), id=id_, examine=examine, sick=Example(SIGNALS), well=Example(SIGNALS),
        **{"hides": (), "needs": (), **fields},
    )  # fmt: skip


def test_what_follows_from_a_finding_is_not_told_beside_it() -> None:
    found = examine(SIGNALS, Facts(), [rule("end"), rule("middle", hides=("end",)), rule("root", hides=("middle",))])
    assert [finding.id for finding in found.findings] == ["root"]
    assert {(finding.id, by) for finding, by in found.hidden} == {("middle", "root"), ("end", "middle")}


def test_a_finding_that_is_not_there_hides_nothing() -> None:
    found = examine(SIGNALS, Facts(), [rule("end"), rule("root", lambda *_: Clear(), hides=("end",))])
    assert [finding.id for finding in found.findings] == ["end"]
    assert found.clear == ("root",)


def test_the_gravest_comes_first_then_the_earliest() -> None:
    found = examine(
        SIGNALS,
        Facts(),
        [rule("advice", severity="advice"), rule("late"), rule("early"), rule("warning", severity="warning")],
    )
    assert [finding.id for finding in found.findings] == ["early", "late", "warning", "advice"]
    assert [finding.id for finding in found.at_least("warning")] == ["early", "late", "warning"]


def test_what_was_not_checked_is_said_with_its_reason() -> None:
    found = examine(
        SIGNALS,
        Facts(families=frozenset({"vae"})),
        [
            rule("gans", families=("gan",)),
            rule("unread", needs=("y",)),
            rule("short", lambda *_: NotEnough("2 of 3 readings")),
        ],
        disabled={"Broken": "RuntimeError: no"},
    ).to_json()
    assert found["inapplicable"] == {"gans": "it is about gan"}
    assert found["unchecked"] == {"unread": "nothing was read of y", "short": "2 of 3 readings"}
    assert found["disabled"] == {"Broken": "RuntimeError: no"}
    assert found["findings"] == []


def test_what_is_infinite_makes_no_json_that_others_cannot_read() -> None:
    verdict = examine(Signals.of({"initial_loss @ train.py:9": [float("inf")]}), Facts())
    assert [finding.id for finding in verdict.findings] == ["initial-loss"]
    assert "inf times" in verdict.findings[0].evidence
    json.dumps(verdict.to_json(), allow_nan=False)
