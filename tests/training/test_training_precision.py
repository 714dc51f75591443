from typing import Any

import pytest
import torch
from made import PICTURES, Heard, session_of

from understudy import models
from understudy.errors import OptionError
from understudy.layers.summary import multiply_adds
from understudy.models.network import Network
from understudy.training import engine
from understudy.training.config import TrainingConfig
from understudy.training.engine import choose_device, choose_engine
from understudy.training.loop import train
from understudy.training.session import Session

CPU = torch.device("cpu")


def network() -> Network:
    torch.manual_seed(0)
    return models.build("autoencoder", {"hidden": 32, "latent_dim": 8}, PICTURES)


def trained(precision: str) -> tuple[Session, list[float]]:
    heard = Heard()
    session = session_of(network(), precision=precision, steps=40, learning_rate=1e-2, ema=0.9)
    train(session, [heard])
    return session, [event["loss"]["loss"] for event in heard.of("steps")]


def test_bf16_computes_in_16_bits_and_keeps_32() -> None:
    session = session_of(network(), precision="bf16", steps=3, ema=0.9)
    seen = set()
    session.network.encoder.register_forward_hook(lambda module, x, y: seen.add(y.dtype))
    train(session)
    assert seen == {torch.bfloat16}
    kept = [*session.network.parameters(), *session.ema.parameters()]
    for state in session.movers["network"].optimizer.state.values():
        kept += state.values()
    assert len(kept) > 3 * len(list(session.network.parameters()))
    assert {tensor.dtype for tensor in kept if tensor.is_floating_point()} == {torch.float32}


def test_bf16_learns_what_fp32_learns() -> None:
    (full, exact), (half, close) = trained("fp32"), trained("bf16")
    assert exact[-1] < 0.9 * exact[0]
    assert close == pytest.approx(exact, rel=0.02)
    assert close != exact
    for left, right in zip(full.network.parameters(), half.network.parameters(), strict=True):
        assert (left - right).abs().max() < 0.1


@pytest.mark.parametrize("able", [True, False])
@pytest.mark.parametrize(("name", "least"), [("autoencoder", "BF16"), ("sequence-classifier", "LSTM")])
def test_auto_takes_bf16_from_a_number_of_multiply_adds_where_the_device_has_it(
    name: str, least: str, able: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "bf16_available", lambda device: able)
    built = models.build(name, {}, PICTURES)
    for other in ("BF16", "LSTM"):
        monkeypatch.setattr(engine, f"{other}_MULTIPLY_ADDS", 1)
    monkeypatch.setattr(engine, f"{least}_MULTIPLY_ADDS", 8 * multiply_adds(built, PICTURES.shape))

    def choice(batch: int) -> str:
        return choose_engine(TrainingConfig(steps=1, batch=batch, device="cpu"), built).precision

    assert choice(7) == "fp32"
    assert choice(8) == ("bf16" if able else "fp32")


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_what_is_asked_for_is_taken_on_a_cpu(precision: Any) -> None:
    config = TrainingConfig(steps=1, device="cpu", precision=precision)
    assert choose_engine(config, network()).precision == precision


def test_threads_share_a_step_from_a_number_of_multiply_adds(monkeypatch: pytest.MonkeyPatch) -> None:
    built = network()
    monkeypatch.setattr(engine, "SHARED_MULTIPLY_ADDS", 8 * multiply_adds(built, PICTURES.shape))
    counts = []
    monkeypatch.setattr(torch, "set_num_threads", counts.append)
    for batch in (7, 8):
        with choose_engine(TrainingConfig(steps=1, batch=batch, device="cpu"), built).threads():
            counts.append(f"batch {batch}")
    before = torch.get_num_threads()
    assert counts == [1, "batch 7", before, "batch 8", before]


def test_bf16_is_refused_where_the_device_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "choose_device", lambda name: torch.device("mps"))
    with pytest.raises(OptionError, match="mps has no bf16; use --precision fp32"):
        choose_engine(TrainingConfig(steps=1, precision="bf16"), network())


@pytest.mark.parametrize("name", ["cuda:99", "fpga", "meta", "nonsense", "", "privateuseone"])
def test_a_device_that_is_not_there_is_one_line(name: str) -> None:
    with pytest.raises(OptionError) as caught:
        choose_device(name)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"device '{name}' cannot be used here")
    assert "Use auto or cpu" in str(caught.value)


def test_a_device_that_is_there() -> None:
    assert choose_device("cpu") == CPU
    assert choose_device("auto").type in ("cpu", "cuda", "mps")
