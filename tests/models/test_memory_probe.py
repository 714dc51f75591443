"""The memory probe: it learns what a cell with gates can, and its gates can begin open."""

import pytest
import torch
from made import session_of

from understudy import models
from understudy.data.memory_problems import problem
from understudy.errors import OptionError
from understudy.evaluation import evaluate
from understudy.models.memory_probe import MemoryProbe
from understudy.training.loop import train


def probe(name: str, length: int, **options: object) -> MemoryProbe:
    torch.manual_seed(0)
    network = models.build("memory-probe", {"hidden_dim": 32, **options}, problem(name, length).spec)
    assert isinstance(network, MemoryProbe)
    return network


def test_it_adds_what_is_marked_and_remembers_what_it_read() -> None:
    network, data = probe("adding", 10), problem("adding", 10)
    train(session_of(network, data, steps=400, batch=50, learning_rate=1e-2, clip_norm=1.0))
    scores = evaluate(network, data)
    assert scores["mse"] < scores["memoryless_mse"] / 10
    assert scores["memoryless_mse"] == pytest.approx(1 / 6, rel=0.1)


def test_the_loss_is_the_papers_for_one_without_a_memory_and_none_for_a_perfect_one() -> None:
    network, data = probe("copy-memory", 30), problem("copy-memory", 30)
    batch = data.test.take(torch.arange(300))
    assert batch.y is not None
    answers = torch.full((*batch.y.shape, 9), -1e4)
    answers[:, :-10, 8] = 0  # blank until asked, then each of the eight alike
    answers[:, -10:, :8] = 0
    network.answer = lambda x: answers  # type: ignore[method-assign]
    assert network.loss(batch)["loss"].item() == pytest.approx(10 * torch.tensor(8.0).log().item() / 50)
    right = 1e4 * torch.nn.functional.one_hot(batch.y, 9).float()
    network.answer = lambda x: right  # type: ignore[method-assign]
    assert network.loss(batch)["loss"].item() == 0


def test_gates_begin_open_for_the_length_of_an_item() -> None:
    layer = probe("adding", 200, cell="lstm", open_gates=True).recurrent.layers[0].inner
    enter, forget = layer.bias_ih_l0[:32], layer.bias_ih_l0[32:64]  # type: ignore[index]
    assert torch.equal(enter, -forget)
    assert forget.min() >= 0 and forget.max() <= torch.tensor(199.0).log() and forget.std() > 0.1
    with pytest.raises(OptionError, match="open_gates goes with cell=lstm; got cell=gru"):
        probe("adding", 200, open_gates=True)
