import json
import math
import statistics
from pathlib import Path
from typing import Any

import pytest

from understudy.errors import RunError
from understudy.runs.compare import compare
from understudy.runs.directory import RunDirectory, create


@pytest.fixture
def made(tmp_path: Path) -> Any:
    """A function that makes a scored run."""

    def make(
        seed: int = 0,
        scores: dict[str, float] | None = None,
        network: str = "vae",
        source: str | None = "digits",
        fingerprint: str = "f" * 32,
        **model: Any,
    ) -> RunDirectory:
        config = {
            "network": network,
            "seed": seed,
            "data": {"source": source, "split_seed": 0},
            "model": {"latent_dim": 2, "hidden": [4], **model},
            "training": {"steps": 5},
        }
        record = {"config": config, "data": {"name": "made", "fingerprint": fingerprint}}
        run = create(tmp_path / str(len(list(tmp_path.iterdir()))), record, {})
        (run.path / "scores.json").write_text(json.dumps(scores or {}))
        return run

    return make


def test_runs_that_differ_in_their_seed_alone_are_one_group_with_mean_and_sample_deviation(made: Any) -> None:
    values = [3.0, 5.0, 10.0]
    runs = [made(seed, {"mse": value}) for seed, value in enumerate(values)]
    (group,) = compare(runs)
    assert group.label == "vae"
    assert group.directories == [run.path for run in runs]
    mean, deviation, seeds = group.scores["mse"]
    assert (mean, seeds) == (6.0, 3)
    assert deviation == pytest.approx(statistics.stdev(values)) == pytest.approx(math.sqrt(13))


def test_a_single_seed_has_no_spread(made: Any) -> None:
    run = made(0, {"mse": 3.0})
    for given in ([run], [run, run], [run, RunDirectory(run.path / ".." / run.path.name)]):
        (group,) = compare(given)
        assert group.scores["mse"].seeds == 1
        assert math.isnan(group.scores["mse"].deviation)


def test_a_score_that_some_seeds_lack_counts_those_that_have_it(made: Any) -> None:
    (group,) = compare([made(0, {"mse": 1.0, "nll": 4.0}), made(1, {"mse": 3.0}), made(2)])
    assert group.scores["mse"][::2] == (2.0, 2)
    assert group.scores["nll"][::2] == (4.0, 1)


def test_any_other_difference_makes_another_group_and_the_label_says_which(made: Any) -> None:
    groups = compare([made(0), made(0, latent_dim=8), made(1), made(1, latent_dim=8), made(0, hidden=[4, 4])])
    assert [group.label for group in groups] == [
        "vae (hidden=4, latent_dim=2)",
        "vae (hidden=4, latent_dim=8)",
        "vae (hidden=4-4, latent_dim=2)",
    ]
    assert [len(group.directories) for group in groups] == [2, 2, 1]


def test_an_option_tells_apart_only_runs_of_one_network(made: Any) -> None:
    labels = [group.label for group in compare([made(), made(network="autoencoder", latent_dim=9, loss="mse")])]
    assert labels == ["vae", "autoencoder"]
    labels = [group.label for group in compare([made(), made(source="moons")])]
    assert labels == ["vae (source=digits)", "vae (source=moons)"]


def test_different_arrays_are_no_seeds_of_each_other(made: Any) -> None:
    groups = compare([made(0, source=None, fingerprint=letter * 32) for letter in "aab"])
    assert [len(group.directories) for group in groups] == [2, 1]
    assert [group.label for group in groups] == ["vae (source=arrays aaaaaaaa)", "vae (source=arrays bbbbbbbb)"]


def test_nothing_to_compare_is_said(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="name at least one run"):
        compare([])
    with pytest.raises(RunError, match="is not a run"):
        compare([RunDirectory(tmp_path)])
