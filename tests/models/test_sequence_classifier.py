from typing import Any

import pytest
import torch
from made import SPECS, items_of
from torch import nn

from understudy import models
from understudy.data.dataset import Batch
from understudy.data.labelled_text import PADDING
from understudy.data.spec import ImageSpec, LabelledTextSpec
from understudy.errors import DataError, OptionError, UnknownName
from understudy.models.sequence_classifier import POOLS, SequenceClassifier

TEXTS, PICTURES = SPECS["labelled texts"], SPECS["grey 1x8x8"]
TOKENS = torch.tensor([[3, 1, 4, 1, 5], [2, 6, PADDING, PADDING, PADDING], [7, 8, 1, PADDING, PADDING]])
EVERY = [(pooling, both) for pooling in ("last", "mean", "max", "attention") for both in (False, True)]


def build(spec: Any = TEXTS, seed: int = 0, **options: Any) -> SequenceClassifier:
    torch.manual_seed(seed)
    network = models.build("sequence-classifier", {"hidden_dim": 6, "embedding_dim": 5, **options}, spec)
    assert isinstance(network, SequenceClassifier)
    return network.eval()


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize(("pooling", "both"), EVERY)
def test_padding_and_neighbours_change_no_answer(pooling: str, both: bool, cell: str) -> None:
    network = build(pooling=pooling, bidirectional=both, cell=cell, num_layers=2)
    together = network(TOKENS)
    wider = network(nn.functional.pad(TOKENS, (0, 4), value=PADDING))
    torch.testing.assert_close(together, wider, rtol=1e-5, atol=1e-6)
    for row, logits in zip(TOKENS, together, strict=True):
        torch.testing.assert_close(network(row[row != PADDING][None])[0], logits, rtol=1e-5, atol=1e-6)
    assert not torch.allclose(together[0], together[1], atol=1e-4), "it does read the texts"


def test_each_pooling_is_what_it_says() -> None:
    outputs = torch.randn(2, 4, 3, generator=torch.Generator().manual_seed(0))
    inside = torch.tensor([[True] * 4, [True, True, False, False]])
    torch.testing.assert_close(POOLS["mean"](outputs, inside)[1], outputs[1, :2].mean(0))
    torch.testing.assert_close(POOLS["max"](outputs, inside)[1], outputs[1, :2].max(0).values)
    network = build(pooling="attention")
    assert network.attention is not None
    rows = torch.randn(1, 3, 6, generator=torch.Generator().manual_seed(1))
    scores = torch.tanh(rows[0] @ network.attention.key.weight.T + network.attention.key.bias)
    weights = (scores @ network.attention.question.weight[0]).exp()
    expected = (weights[:, None] / weights.sum() * rows[0]).sum(0)
    torch.testing.assert_close(network.attention(rows, torch.ones(1, 3, dtype=torch.bool))[0], expected)
    _, last = network.read(*network.steps(TOKENS))
    outputs, _ = network.read(*network.steps(TOKENS))
    assert torch.equal(last, torch.stack([outputs[0, 4], outputs[1, 1], outputs[2, 2]]))


def test_pooling_reaches_the_network() -> None:
    answers = []
    for pooling in ("last", "mean", "max"):
        network = build(pooling=pooling)
        network.load_state_dict(build().state_dict())
        answers.append(network(TOKENS))
    assert all(not torch.allclose(answers[a], answers[b], atol=1e-4) for a, b in ((0, 1), (1, 2), (0, 2)))


@pytest.mark.parametrize(("cell", "kind"), [("lstm", nn.LSTM), ("gru", nn.GRU), ("rnn", nn.RNN), ("irnn", nn.RNN)])
@pytest.mark.parametrize("both", [False, True])
def test_the_cell_reaches_the_network(cell: str, kind: type, both: bool) -> None:
    found = [module for module in build(cell=cell, bidirectional=both).modules() if isinstance(module, nn.RNNBase)]
    assert [type(module) for module in found] == [kind] * (2 if both else 1)


@pytest.mark.parametrize("both", [False, True])
def test_only_two_directions_know_the_end_at_the_beginning(both: bool) -> None:
    network, other = build(bidirectional=both), TOKENS.clone()
    other[0, 4] = 8
    before, after = (network.read(*network.steps(tokens))[0][0, 0] for tokens in (TOKENS, other))
    assert torch.equal(before, after) != both


def test_word_dropout_of_pictures_is_refused() -> None:
    network = models.build("sequence-classifier", {"word_dropout": 0.5}, PICTURES)
    with pytest.raises(OptionError, match="word_dropout goes with texts, not with 1x8x8"):
        network.check_training()


def test_word_dropout_makes_words_unknown_in_training_alone() -> None:
    network = build(word_dropout=0.5)
    assert network.embedding is not None
    unknown, tokens = network.embedding.weight[0], torch.ones(40, 50, dtype=torch.int64)
    assert not (network.steps(tokens)[0] == unknown).all(2).any()
    network.train()
    assert (network.steps(tokens)[0] == unknown).all(2).float().mean().item() == pytest.approx(0.5, abs=0.05)


def test_a_picture_is_read_row_by_row_from_the_top() -> None:
    spec = ImageSpec(3, 4, 5, ("a", "b"))
    network, x = build(spec), items_of(spec, 2)
    rows, lengths = network.steps(x)
    assert rows.shape == (2, 4, 15)
    assert lengths.tolist() == [4, 4]
    assert torch.equal(rows[1, 2], x[1, :, 2].flatten())


def test_probabilities_are_of_the_class_that_it_names() -> None:
    network = build(PICTURES)
    x = items_of(PICTURES, 9)
    logs = network.class_log_probabilities(x)
    torch.testing.assert_close(logs.exp().sum(1), torch.ones(9))
    assert torch.equal(logs.argmax(1), network.classify(x))
    y = torch.arange(9)
    terms = network.validate(Batch(x, y))
    assert terms["loss"].item() == pytest.approx(-logs[y, y].mean().item(), rel=1e-5)
    assert terms["accuracy"].item() == pytest.approx((network.classify(x) == y).float().mean().item())


def test_labels_are_smoothed_in_training_alone() -> None:
    x, y = items_of(PICTURES, 9), torch.arange(9)
    plain, smooth = build(PICTURES), build(PICTURES, label_smoothing=0.2)
    logs = plain.class_log_probabilities(x)
    expected = 0.8 * -logs[y, y].mean() + 0.2 * -logs.mean()
    torch.testing.assert_close(smooth.loss(Batch(x, y))["loss"], expected)
    assert torch.equal(smooth.validate(Batch(x, y))["loss"], plain.validate(Batch(x, y))["loss"])


def test_what_cannot_be_classified_or_is_misspelt_is_refused() -> None:
    assert isinstance(TEXTS, LabelledTextSpec)
    with pytest.raises(DataError, match=r"two classes or more.*1x8x8 images of 1; use a folder for each class"):
        build(ImageSpec(1, 8, 8, ("only",)))
    with pytest.raises(DataError, match="learns from image or labelled text data"):
        build(SPECS["characters"])
    with pytest.raises(UnknownName, match="Did you mean 'pooling'"):
        build(poling="mean")
    with pytest.raises(OptionError, match="'gruu'"):
        build(cell="gruu")
