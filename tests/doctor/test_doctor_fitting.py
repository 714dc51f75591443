"""Remedies are for the run at hand: its options, other values than it has, factors of its own numbers."""

from understudy.doctor.facts import Facts
from understudy.doctor.finding import USUAL, Remedy
from understudy.doctor.fitting import fitting

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
    assert patched(layer_norm=True, beta=1.0) == [{"layer_norm": True, "beta": 1.0}]


def test_what_is_usual_is_what_the_networks_recipe_has() -> None:
    assert patched(learning_rate=USUAL, beta=USUAL) == [{"learning_rate": 2e-3, "beta": 1.0}]
    assert patched(batch=USUAL, dropout=USUAL) == []  # a VAE has no dropout
    assert patched(layer_norm=USUAL) == []  # and normalises anyway


def test_what_is_to_be_read_stays_and_a_users_own_loop_gets_all() -> None:
    assert patched() == [{}]
    remedies = (Remedy("slower", {"learning_rate": "/10"}), Remedy("less", {"dropout": 0.5}))
    assert fitting(remedies, Facts()) == remedies
