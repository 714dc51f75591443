"""The search tree holds what the search looked at, no more and no less."""

import json
import math
from collections import Counter
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import Table, TinyRNN, close, gnmt, scored, sources, walk

from understudy.decoding.beam import search
from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.trellis import Hypothesis


def grown(seed: int, rows: int = 2, **options: Any) -> tuple[list[list[Hypothesis]], list[dict[str, Any]]]:
    network, given_ = TinyRNN(seed, 6), sources(seed, rows)
    trees: list[dict[str, Any]] = []
    hypotheses = search(
        network,
        network.begin(given_),
        rows,
        start=0,
        end=5,
        max_lengths=6,
        options=BeamOptions(**options),
        places=[len(source) for source in given_],
        trees=trees,
    )
    return hypotheses, trees


def tokens_of(nodes: list[dict[str, Any]], node: dict[str, Any]) -> tuple[int, ...]:
    parent = node["parent"]
    return () if parent is None else (*tokens_of(nodes, nodes[parent]), node["token"])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([{}, {"groups": 3, "nbest": 3}, {"nbest": 2}, {"beta": 0.2}]))
def test_each_node_is_a_hypothesis_with_its_numbers(seed: int, options: dict[str, Any]) -> None:
    hypotheses, trees = grown(seed, beam=3, **options)
    network = TinyRNN(seed, 6)
    assert json.loads(json.dumps(trees, allow_nan=False)) == trees
    for source, best, tree in zip(sources(seed, 2), hypotheses, trees, strict=True):
        nodes = tree["nodes"]
        assert [node["id"] for node in nodes] == list(range(len(nodes)))
        every = [tokens_of(nodes, node) for node in nodes]
        assert len(set(every)) == len(every)
        assert {every[node["id"]][:-1] for node in nodes if node["fate"] == "kept" and node["token"] == 5} == {
            hypothesis.tokens for hypothesis in best
        }
        for node, tokens in zip(nodes, every, strict=True):
            assert node["step"] == len(tokens)
            logs = walk(network, source, 0, tokens)[0]
            total = sum(log[token].item() for log, token in zip(logs, tokens, strict=False))
            assert math.isclose(node["log_probability"], total, abs_tol=1e-9)
            if node["token"] == 5:
                expected = scored(network, source, 0, 5, tokens[:-1], 0.6, options.get("beta", 0.0))[0]
            else:
                expected = total / gnmt(max(1, len(tokens)), 0.6)
            assert math.isclose(node["score"], expected, abs_tol=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_a_node_has_the_best_fate_of_what_came_of_it(seed: int) -> None:
    _, trees = grown(seed, beam=3, nbest=2)
    order = ["pruned", "finished", "kept"]
    for tree in trees:
        nodes = tree["nodes"]
        for node in nodes:
            below = [child["fate"] for child in nodes if child["parent"] == node["id"]]
            if node["token"] == 5:
                assert not below and node["fate"] != "pruned"
            else:
                assert node["fate"] == max(below, key=order.index, default="pruned")
        # The greedy hypothesis may stand beside the beam once it has fallen out.
        widths = Counter(node["step"] for node in nodes if node["token"] != 5)
        assert max(widths.values()) <= 4
    assert nodes[0]["fate"] == "kept"


def test_what_was_pruned_is_there() -> None:
    trees: list[dict[str, Any]] = []
    table = Table([[0.05, 0.5, 0.4, 0.05], [0.3, 0.3, 0.3, 0.1], [0.01, 0.01, 0.01, 0.97], [0.25] * 4])
    (best,) = search(
        table,
        torch.zeros(1, 1),
        1,
        start=0,
        end=3,
        max_lengths=3,
        options=BeamOptions(beam=2, alpha=0.0),
        trees=trees,
    )[0]
    assert best.tokens == (2,)
    fates = {(node["step"], node["token"]): node["fate"] for node in trees[0]["nodes"]}
    assert fates == {(0, 0): "kept", (1, 1): "pruned", (1, 2): "kept", (2, 3): "kept"}
    assert close(best, trees[0]["nodes"][-1]["score"], trees[0]["nodes"][-1]["log_probability"])


@pytest.mark.parametrize("end", [None, 3])
def test_no_end_has_a_tree_too(end: int | None) -> None:
    trees: list[dict[str, Any]] = []
    table = Table([[0.3, 0.4, 0.3, 0.0]] * 4)
    search(table, torch.zeros(2, 1), 2, start=0, end=end, max_lengths=2, options=BeamOptions(beam=2), trees=trees)
    assert len(trees) == 2
    assert [node["token"] for node in trees[0]["nodes"] if node["fate"] == "kept"] == [0, 1, 1] + [3] * (end == 3)
