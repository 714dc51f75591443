"""Can one batch be learnt by heart? A network that learns can; one that takes no steps to speak of cannot."""

from dataclasses import replace
from typing import Any

import pytest
from made import SPECS, dataset_of

from understudy import models
from understudy.data.dataset import Dataset
from understudy.doctor import one_batch, rules
from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, Fired
from understudy.doctor.one_batch import alone, learn
from understudy.doctor.signals import Signals
from understudy.errors import OptionError
from understudy.experiment import begin
from understudy.runs.runfile import resolve
from understudy.training.session import Session


def session(name: str, spec_name: str, **settings: Any) -> Session:
    spec = SPECS[spec_name]
    data: Dataset = dataset_of(spec, 64, 20, 20)
    file = resolve({"network": name}, {"device": "cpu", "precision": "fp32", "minutes": 3, **settings})
    return begin(replace(file, training=alone(file.training)), data)


@pytest.mark.parametrize(("rate", "outcome"), [(1e-2, Clear), (1e-9, Fired)])
def test_a_network_is_judged_by_what_it_learns_of_one_batch(
    rate: float, outcome: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_batch, "LONGEST", 1e9)
    one = session("autoencoder", "grey 1x8x8", hidden=(32,), latent_dim=16, learning_rate=rate, schedule="one-cycle")
    rows = learn(one)
    assert [row[0] for row in rows] == [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300]
    assert one.progress.step == 300 and one.config.batch == 16 and one.learning_rate == rate
    assert isinstance(rules.one("one-batch").outcome(Signals.gather(rows), Facts(network="autoencoder")), outcome)


def test_it_is_over_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_batch, "LONGEST", -1.0)
    assert [row[0] for row in learn(session("autoencoder", "grey 1x8x8", hidden=(8,)))] == [0, 1]


@pytest.mark.parametrize("name", ["gan", "vae"])
def test_players_and_bounds_are_not_judged_by_it(name: str) -> None:
    assert models.entry(name)
    with pytest.raises(OptionError, match="nothing tells how much of a batch"):
        learn(session(name, "grey 1x8x8"))
