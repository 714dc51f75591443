import copy
from typing import Any

import pytest
import torch
from made import SPECS, batch_of, dataset_of, session_of, tokens_of
from torch.nn.functional import cross_entropy

from understudy import models
from understudy.data.spec import TextSpec
from understudy.data.text import IGNORED, TextBatch
from understudy.errors import DataError
from understudy.models.language_model import LanguageModel
from understudy.training.loop import train
from understudy.training.validation import validate

TEXT = SPECS["characters"]


def build(seed: int = 0, **options: Any) -> LanguageModel:
    torch.manual_seed(seed)
    network = models.build("language-model", {"hidden_dim": 12, **options}, TEXT)
    assert isinstance(network, LanguageModel)
    return network


@pytest.mark.parametrize(("cell", "readers"), [("lstm", 1), ("lstm", 3), ("gru", 1), ("rnn", 2)])
def test_step_by_step_it_says_what_it_says_of_the_whole(cell: str, readers: int) -> None:
    network, tokens = build(cell=cell, num_layers=2, readers=readers).eval(), batch_of(TEXT, 3).x
    whole = network(tokens)
    state = network.init_state(3)
    for place in range(tokens.shape[1]):
        logits, state = network.step(tokens[:, place], state)
        torch.testing.assert_close(logits, whole[:, place], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("readers", [1, 2])
def test_reordered_states_go_on_as_the_rows_they_were(readers: int) -> None:
    network, tokens = build(num_layers=2, readers=readers).eval(), batch_of(TEXT, 3).x
    _, state = network.read(tokens, None)
    places = torch.tensor([2, 0, 0])
    nexts = torch.tensor([1, 2, 3])
    found, _ = network.step(nexts, network.reorder(state, places))
    for row, place in enumerate(places.tolist()):
        alone, _ = network.step(nexts[row : row + 1], network.read(tokens[place : place + 1], None)[1])
        torch.testing.assert_close(found[row : row + 1], alone, rtol=1e-4, atol=1e-5)


def test_a_window_goes_on_in_the_state_of_the_one_before_and_a_new_text_begins_anew() -> None:
    network, rows = build(), tokens_of(TEXT, 2 * 17).view(2, 17)
    first, second = (TextBatch(rows[:, a : a + 8], rows[:, a + 1 : a + 9], a > 0) for a in (0, 8))
    whole = network.loss(TextBatch(rows[:, :16], rows[:, 1:17]))["loss"].item()
    halves = [network.loss(batch)["loss"].item() for batch in (first, second)]
    assert sum(halves) / 2 == pytest.approx(whole, rel=1e-5)
    anew = network.loss(TextBatch(second.x, second.y))["loss"].item()
    assert anew != pytest.approx(halves[1], rel=1e-4)
    assert all(not memory.requires_grad for memory in network.carried().values())


def test_readers_learn_apart_and_say_the_mean_of_their_probabilities() -> None:
    network, batch = build(readers=2), batch_of(TEXT, 3)
    own = [reader(batch.x, None)[0] for reader in network.readers]
    mean = torch.stack([logits.softmax(-1) for logits in own]).mean(0)
    torch.testing.assert_close(network(batch.x).softmax(-1), mean)
    losses = [cross_entropy(logits.flatten(0, 1), batch.y.flatten()) for logits in own]
    network.state = None
    assert network.train().loss(batch)["loss"].item() == pytest.approx(sum(losses).item() / 2, rel=1e-5)
    network.state = None
    together = network.eval().loss(batch)["loss"].item()
    assert together == pytest.approx(-mean.flatten(0, 1).log()[range(len(batch)), batch.y.flatten()].mean().item())
    assert together < sum(losses).item() / 2  # a logarithm is concave


def test_a_reader_gets_no_gradient_from_anothers_mistakes() -> None:
    network, batch = build(readers=2), batch_of(TEXT, 3)
    network.loss(batch)["loss"].backward()
    alone = copy.deepcopy(network.readers[0])
    alone.zero_grad()
    logits, _ = alone(batch.x, None)
    (cross_entropy(logits.flatten(0, 1), batch.y.flatten()) / 2).backward()
    for mine, other in zip(network.readers[0].parameters(), alone.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, other.grad)


def test_tokens_that_are_not_asked_for_do_not_count() -> None:
    network, batch = build(), batch_of(TEXT, 2)
    some = batch.y.clone()
    some[:, :5] = IGNORED
    expected = torch.nn.functional.cross_entropy(network(batch.x)[:, 5:].flatten(0, 1), batch.y[:, 5:].flatten())
    assert network.loss(TextBatch(batch.x, some))["loss"].item() == pytest.approx(expected.item(), rel=1e-5)


def test_validation_leaves_the_training_state_as_it_was() -> None:
    network = build()
    session = session_of(network, dataset_of(TEXT), steps=3)
    train(session)
    before = {name: memory.clone() for name, memory in network.carried().items()}
    assert before
    validate(session)
    after = network.carried()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_the_state_is_part_of_a_checkpoint() -> None:
    """A run that goes on from a checkpoint has the losses that it would have had, from the first step on."""

    def losses(stop: int | None) -> list[float]:
        session = session_of(build(), dataset_of(TEXT), steps=9, batch=4)
        if stop:
            train(session, stop=lambda: session.progress.step >= stop)
            state = session.state_dict()
            session = session_of(build(seed=3), dataset_of(TEXT), steps=9, batch=4)
            session.load_state_dict(state)
        train(session)
        return [parameter.double().sum().item() for parameter in session.network.parameters()]

    assert losses(None) == losses(4)


def test_a_tied_embedding_is_one_weight() -> None:
    network = build(tied_embedding=True)
    assert network.readers[0].output.weight is network.readers[0].embedding.weight
    assert sum(parameter.numel() for parameter in network.parameters()) < sum(
        parameter.numel() for parameter in build(embedding_dim=12).parameters()
    )
    with pytest.raises(DataError, match="leave embedding_dim unset"):
        build(tied_embedding=True, embedding_dim=5)


def test_it_learns_from_text_alone() -> None:
    with pytest.raises(DataError, match="language-model learns from text data"):
        models.build("language-model", {}, SPECS["points"])
    assert isinstance(TEXT, TextSpec)
