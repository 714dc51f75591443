"""How far back a gradient reaches: the twin that was not trained, the horizon, what is drawn."""

import json
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from made import SPECS, dataset_of
from models import test_contract as contract

from understudy import models
from understudy.errors import DataError, RunError
from understudy.evaluation.figures import save_figures
from understudy.evaluation.gradient_flow import (
    SHOWN,
    figures,
    gradient_flow,
    horizon,
    norms_table,
    some,
    untrained,
)
from understudy.evaluation.jacobians import Flow
from understudy.models.capabilities import Remembers
from understudy.models.network import Network

SPEC = SPECS["characters"]


def network_of(seed: int = 0, **options: Any) -> Network:
    torch.manual_seed(seed)
    return models.build("language-model", {"hidden_dim": 6, "num_layers": 2, **options}, SPEC)


def test_the_horizon_of_a_geometric_series() -> None:
    halves = 0.5 ** torch.arange(12.0).expand(3, -1)
    assert horizon(halves, 1 / 2.72) == 2
    assert horizon(halves, 0.01) == 7
    assert horizon(halves, 1e-9) is None
    # the median of the places decides
    assert horizon(torch.stack([halves[0], halves[0], torch.ones(12)]), 0.01) == 7
    assert horizon(torch.stack([halves[0], torch.ones(12), torch.ones(12)]), 0.01) is None


def test_the_untrained_twin_is_what_the_run_began_with() -> None:
    first, later = network_of(3), network_of(3)
    for parameter in later.parameters():
        parameter.data += 1
    before = torch.get_rng_state()
    twin = untrained(later, 3)
    assert torch.equal(before, torch.get_rng_state())
    for mine, other in zip(first.parameters(), twin.parameters(), strict=True):
        assert torch.equal(mine, other)


def test_each_layer_is_followed_on_held_out_items() -> None:
    network, data = network_of(cell="rnn"), dataset_of(SPEC)
    found = gradient_flow(network, data.test, seed=0, steps=20, count=3)
    assert list(found) == ["readers.0.recurrent.layers.0", "readers.0.recurrent.layers.1"]
    for layer in found.values():
        assert layer.norms.shape == (12, 21)  # 4 places in each of 3 items
        assert layer.met is not None
        assert layer.met.shape == (12, 21)
    again = gradient_flow(network, data.test, seed=0, steps=20, count=3)
    assert torch.equal(found["readers.0.recurrent.layers.1"].norms, again["readers.0.recurrent.layers.1"].norms)


def test_short_items_are_followed_as_far_as_they_go() -> None:
    network, data = network_of(), dataset_of(SPEC, test=3)  # 24 tokens
    found = gradient_flow(network, data.test, seed=0, steps=100, count=2)
    assert found["readers.0.recurrent.layers.0"].norms.shape[1] == 23
    with pytest.raises(DataError, match="2 steps or more"):
        gradient_flow(network, dataset_of(SPEC, test=1).test.__class__(*short(1)), seed=0, steps=5, count=1)


REMEMBERING = [case for case in contract.CASES if issubclass(models.entry(case[0]).load(), Remembers)]


@pytest.mark.parametrize(("name", "spec_name"), REMEMBERING)
def test_every_network_that_remembers_is_followed_on_its_own_items(name: str, spec_name: str) -> None:
    network = contract.build(name, spec_name)
    found = gradient_flow(network, contract.data_for(network).test, seed=0, steps=3, count=3)
    assert found
    for layer in found.values():
        assert layer.norms.shape[1] >= 2
        assert layer.norms.isfinite().all()
        assert (layer.norms > 0).any(0).all()


def test_a_transformer_encoder_has_no_gradient_through_time() -> None:
    spec_name = next(case[1] for case in REMEMBERING if case[0] == "translator")
    network = models.build("translator", {"encoder": "transformer"}, SPECS[spec_name])
    with pytest.raises(RunError, match="no recurrent layer"):
        gradient_flow(network, contract.data_for(network).test, seed=0, steps=3, count=1)


def short(tokens: int) -> tuple[torch.Tensor, int, torch.Tensor]:
    return torch.zeros(tokens, dtype=torch.int64), 8, torch.zeros(0, dtype=torch.int64)


def test_stretches_of_text_are_longer_than_what_is_followed() -> None:
    stretches = some(dataset_of(SPEC, test=40).test, 100, 3, 0)
    assert [tuple(it.shape) for it in stretches] == [(1, 150)] * 3
    assert not torch.equal(stretches[0], stretches[1])


def made(norms: torch.Tensor, **others: Any) -> Flow:
    return Flow("sigmoid-rnn", norms.double(), **others)


def test_figures_draw_what_is_measured_beside_the_bound_and_leave_out_what_has_vanished(tmp_path: Path) -> None:
    limit = 0.5 ** torch.arange(60.0)
    flow = made(limit.expand(3, -1) / 2, limit=limit, met=limit.expand(3, -1))
    drawn = figures({"trained": {"layer": flow}, "untrained": {"layer": flow}})
    assert [figure.name for figure in drawn] == ["gradient-flow-layer", "memory-horizon"]
    lines = drawn[0].plot["series"]
    assert [line["name"] for line in lines][:3] == ["trained", "trained: bound", "trained: bound with the slopes met"]
    assert lines[0]["y"][:2] == [0.5, 0.25]
    assert lines[0]["y"][-1] is None
    assert min(lines[0]["low"]) == SHOWN[0]
    assert drawn[1].plot["rows"] == [["trained", "layer", "1", "6"], ["untrained", "layer", "1", "6"]]
    save_figures(drawn, tmp_path / "figures")
    assert json.loads((tmp_path / "figures" / "gradient-flow-layer.json").read_text())["log_y"]
    table = norms_table({"trained": {"layer": flow}}, "layer")
    assert table["rows"][1] == [2, 0.125, 0.25, 0.25]


def test_a_horizon_beyond_what_was_followed_says_so() -> None:
    drawn = figures({"trained": {"layer": made(torch.ones(2, 8))}})
    assert drawn[-1].plot["rows"] == [["trained", "layer", "more than 7", "more than 7"]]


def test_places_of_several_items_are_put_together() -> None:
    flow = made(torch.ones(2, 3), limit=torch.ones(3), met=torch.zeros(2, 3))
    both = flow.with_places_of(cast(Flow, made(torch.zeros(1, 3), limit=torch.ones(3), met=torch.ones(1, 3))))
    assert both.norms.shape == (3, 3)
    assert both.met is not None
    assert both.met[-1].tolist() == [1.0] * 3
    assert both.kept is None
