"""Remedies are for the run at hand: its options, other values than it has, factors of its own numbers."""

import pytest

from understudy import models
from understudy.doctor import rules
from understudy.doctor.explanation import explanation
from understudy.doctor.facts import Facts
from understudy.doctor.finding import USUAL, Remedy
from understudy.doctor.fitting import fitting
from understudy.runs.runfile import resolve

RUN = Facts(
    network="vae",
    config={
        "model": {"beta": 4.0, "layer_norm": True, "hidden": (8,)},
        "training": {"learning_rate": 0.02, "clip_norm": None, "batch": 30, "weight_decay": 0.0},
    },
)


def patched(**patch: object) -> list[dict[str, object]]:
    return [dict(remedy.patch) for remedy in fitting((Remedy("try it", patch),), RUN)]


def test_factors_are_of_the_runs_own_values() -> None:
    assert patched(learning_rate="/10") == [{"learning_rate": 0.002}]
    assert patched(batch="*2") == [{"batch": 60}]
    assert patched(batch="/100") == [{"batch": 1}]


def test_what_the_network_has_not_or_has_already_is_left_out() -> None:
    assert patched(dropout=0.2) == []
    assert patched(layer_norm=True) == []
    assert patched(clip_norm="/2") == []
    assert patched(clip_norm=1.0) == [{"clip_norm": 1.0}]
    assert patched(layer_norm=True, beta=1.0) == [{"beta": 1.0}]


def test_what_is_usual_is_what_the_networks_recipe_has() -> None:
    assert patched(learning_rate=USUAL, beta=USUAL) == [{"learning_rate": 2e-3, "beta": 1.0}]
    assert patched(batch=USUAL, dropout=USUAL) == []  # a VAE has no dropout
    assert patched(layer_norm=USUAL) == []  # and normalises anyway


def test_what_is_to_be_read_stays_and_a_users_own_loop_gets_all() -> None:
    assert patched() == [{}]
    remedies = (Remedy("slower", {"learning_rate": "/10"}), Remedy("less", {"dropout": 0.5}))
    assert fitting(remedies, Facts()) == remedies


@pytest.mark.parametrize("name", models.TABLE)
def test_what_a_network_is_told_to_try_it_accepts(name: str) -> None:
    asked = {"network": name, "data": {"source": "digits"}}
    own = resolve(asked, {}).to_json()
    facts = Facts(network=name, config=own)
    for rule in rules.load():
        for remedy in fitting(rule.remedies, facts):
            assert not remedy.patch or resolve(asked, remedy.patch).to_json() != own


def test_a_factor_is_explained_in_words_and_not_as_an_option_that_nobody_can_type() -> None:
    told = explanation(rules.one("rate-too-high"))
    assert "`learning_rate / 10`" in told and "=/10" not in told


def test_a_network_whose_file_is_elsewhere_is_judged_all_the_same() -> None:
    own = Facts(network="gone.py:Net", config={"training": {"learning_rate": 0.1, "batch": 8}})
    remedies = (Remedy("usual", {"learning_rate": USUAL}), Remedy("slower", {"learning_rate": "/10"}))
    assert [remedy.title for remedy in fitting(remedies, own)] == ["slower"]
