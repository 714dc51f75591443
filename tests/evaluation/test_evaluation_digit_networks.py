import hashlib
import os
from pathlib import Path

import pytest
import torch

from understudy.data.batches import in_order
from understudy.data.dataset import Batch
from understudy.data.sources import load
from understudy.errors import DataError
from understudy.evaluation import digit_networks
from understudy.evaluation.digit_networks import NETWORKS, WEIGHTS, LeNet, as_digits, record, shipped

HAS_MNIST = (Path(os.environ.get("UNDERSTUDY_DATA", "")) / "mnist" / "t10k-images-idx3-ubyte.gz").is_file()


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_shipped_is_small_and_is_what_was_trained(name: str) -> None:
    content = (WEIGHTS / f"{name}.safetensors").read_bytes()
    assert len(content) < 1_000_000
    assert hashlib.sha256(content).hexdigest() == record(name)["sha256"]
    assert record(name)["parameters"] == sum(it.numel() for it in shipped(name).parameters())
    assert not shipped(name).training


def test_the_judge_is_another_network_and_better_than_99_percent() -> None:
    assert record("judge")["accuracy"]["test"] >= 0.99
    assert record("judge")["training"]["seed"] != record("lenet")["training"]["seed"]
    assert record("judge")["data"]["sizes"]["train"] == 54_000, "the test split is not learnt from"


@pytest.mark.skipif(not HAS_MNIST, reason="needs MNIST")
@pytest.mark.parametrize("name", NETWORKS)
def test_the_accuracy_beside_the_weights_is_theirs(name: str) -> None:
    def right(batch: Batch) -> int:
        return int((shipped(name)(batch.x).argmax(1) == batch.y).sum())

    data, found = load("mnist"), record(name)
    assert data.fingerprint == found["data"]["fingerprint"]
    accuracy = sum(right(batch) for batch in in_order(data.test, 500)) / len(data.test)
    assert accuracy == pytest.approx(found["accuracy"]["test"], abs=2e-4)  # another processor may round otherwise


@pytest.mark.skipif(not HAS_MNIST, reason="needs MNIST")
def test_the_features_variances_sum_to_their_number() -> None:
    lenet = shipped("lenet")
    assert isinstance(lenet, LeNet)
    train = load("mnist").train
    rows = torch.cat([lenet.features(train.take(part).x) for part in torch.arange(10_000).split(500)])
    assert rows.var(0).sum().item() == pytest.approx(64, rel=0.05)


def test_a_changed_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for suffix in (".json", ".safetensors"):
        (tmp_path / f"lenet{suffix}").write_bytes((WEIGHTS / f"lenet{suffix}").read_bytes() + b" ")
    monkeypatch.setattr(digit_networks, "WEIGHTS", tmp_path)
    with pytest.raises(DataError, match=r"has sha256 .* should have"):
        shipped.__wrapped__("lenet")


@pytest.mark.parametrize("shape", [(1, 28, 28), (1, 8, 8), (3, 64, 48), (3, 28, 28), (2, 1, 1)])
def test_pictures_of_any_shape_are_seen_grey_and_in_their_range(shape: tuple[int, int, int]) -> None:
    x = torch.rand(3, *shape, generator=torch.Generator().manual_seed(0))
    seen = as_digits(x)
    assert seen.shape == (3, 1, 28, 28)
    assert 0 <= seen.min() <= seen.max() <= 1 + 1e-6
    assert as_digits(torch.ones(1, *shape)).numpy() == pytest.approx(1, abs=1e-5)


def test_what_fits_already_is_left_as_it_is() -> None:
    x = torch.rand(2, 1, 28, 28)
    assert as_digits(x) is x
    assert torch.allclose(as_digits(x.expand(-1, 3, -1, -1)), x, atol=1e-6)
