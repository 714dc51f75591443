"""The table of rules: each fires on its sick example, is clear on the healthy one, and is nothing but a function."""

import pytest

from understudy.doctor import rules
from understudy.doctor.facts import Facts
from understudy.doctor.finding import SEVERITIES, Clear, Finding, Fired, NotApplicable, NotEnough
from understudy.doctor.rule import Rule
from understudy.doctor.signals import Signals
from understudy.doctor.verdict import examine

RULES = [pytest.param(rule, id=rule.id) for rule in rules.load()]


@pytest.mark.parametrize("rule", RULES)
def test_fires_on_the_sick_and_is_clear_on_the_well(rule: Rule) -> None:
    found = rule.outcome(rule.sick.signals, rule.sick.facts)
    assert isinstance(found, Fired)
    assert found.finding.id == rule.id
    assert found.finding.evidence and found.finding.severity in SEVERITIES
    assert rule.outcome(rule.well.signals, rule.well.facts) == Clear()


@pytest.mark.parametrize("rule", RULES)
def test_is_a_function_of_what_it_is_given(rule: Rule) -> None:
    """Asked twice it says the same, and of a finding nothing is lost in findings.json."""
    first, again = (rule.outcome(rule.sick.signals, rule.sick.facts) for _ in range(2))
    assert first == again
    assert isinstance(first, Fired)
    assert Finding.from_json(first.finding.to_json()) == first.finding
    assert {
        "id",
        "severity",
        "title",
        "evidence",
        "cause",
        "remedies",
        "step",
        "place",
    } <= first.finding.to_json().keys()


@pytest.mark.parametrize("rule", RULES)
def test_says_nothing_of_a_run_without_signals(rule: Rule) -> None:
    facts = rule.sick.facts
    assert isinstance(rule.outcome(Signals(), facts), NotEnough | Clear | NotApplicable)
    if rule.families:
        assert isinstance(rule.outcome(rule.sick.signals, Facts()), NotApplicable)


@pytest.mark.parametrize("rule", RULES)
def test_the_explanation_is_whole(rule: Rule) -> None:
    assert rules.one(rule.id) is rule
    assert rule.cause.endswith(".") and rule.reference
    assert rule.remedies and all(remedy.title for remedy in rule.remedies)
    assert rule.healthy.measured
    drawn = rule.curve(rule.well.signals, rule.well.facts) if rule.curve else None
    assert drawn or any(signal.name == rule.healthy.signal for signal in rule.well.signals.values())


def test_what_hides_what_has_no_circle() -> None:
    hides = {rule.id: set(rule.hides) for rule in rules.load()}
    assert set().union(*hides.values()) <= set(hides), "a rule hides one that is not in the table"
    left = dict(hides)
    while free := [id_ for id_ in left if not left[id_] & left.keys()]:
        for id_ in free:
            del left[id_]
    assert not left, f"in a circle: {sorted(left)}"


@pytest.mark.parametrize("rule", RULES)
def test_a_healthy_example_of_one_rule_is_healthy_to_all(rule: Rule) -> None:
    assert examine(rule.well.signals, rule.well.facts).findings == ()
