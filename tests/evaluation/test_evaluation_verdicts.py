"""Classifiers judged: linear ones beside, what is taken for what, which words moved the verdict."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from made import SPECS, dataset_of
from torch import Tensor

from understudy.data.dataset import Dataset
from understudy.data.labelled_text import PADDING, padded
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.evaluation.confusion import confusion
from understudy.evaluation.linear import score_linear
from understudy.evaluation.occlusion import MOST_STRETCHES, moved, stretches, verdicts


class Weigher:
    """Adds up a weight for each token: the log-odds of class 1 against class 0; of any more classes nothing."""

    def __init__(self, weights: Tensor, classes: int = 2) -> None:
        self.weights, self.classes = weights, classes

    def class_log_probabilities(self, x: Tensor) -> Tensor:
        total = torch.where(x == PADDING, 0, self.weights[x.clamp_min(0)]).sum(1)
        return torch.log_softmax(torch.stack([torch.zeros_like(total), total], 1), 1)

    def classify(self, x: Tensor) -> Tensor:
        return self.class_log_probabilities(x).argmax(1)


def opinions(pairs: bool = False) -> Dataset:
    """Texts told apart by one word, or by which of two words comes first."""
    draw = np.random.default_rng(0)
    words = [" ".join(draw.choice(list("abcdefg"), 8)) for _ in range(300)]
    if pairs:
        texts = [f"{one} not good {one}" if n % 2 else f"{one} good not {one}" for n, one in enumerate(words)]
    else:
        texts = [f"{one} {('bad', 'good')[n % 2]}" for n, one in enumerate(words)]
    return load((texts, ["no", "yes"] * 150), DataOptions(most_tokens=4))


@pytest.mark.parametrize("pairs", [False, True])
def test_the_bag_of_words_reads_texts_whole_and_finds_the_word_or_the_pair(pairs: bool) -> None:
    data = opinions(pairs)
    scores = score_linear(Weigher(torch.zeros(50)), data, seed=0)
    assert scores["class_nll"] == pytest.approx(math.log(2), rel=1e-5)
    assert scores["bag_of_words_accuracy"] == 1.0, "the telling word is beyond the four that a network reads"
    assert scores["bag_of_words_class_nll"] < 0.1 < scores["majority_class_nll"]


def test_the_linear_classifier_never_sees_the_test_splits_classes() -> None:
    data = opinions()
    turned = dataclasses.replace(data, test=dataclasses.replace(data.test, y=1 - data.test.y))
    assert score_linear(Weigher(torch.zeros(50)), turned, seed=0)["bag_of_words_accuracy"] == 0.0


def test_of_one_class_alone_no_linear_classifier_is_learnt() -> None:
    data = opinions()
    train = dataclasses.replace(data.train, y=torch.zeros_like(data.train.y))
    scores = score_linear(Weigher(torch.zeros(50)), dataclasses.replace(data, train=train), seed=0)
    assert set(scores) == {"class_nll", "majority_class_nll"}


def test_pictures_have_their_raw_values_beside_them() -> None:
    class Uniform:
        def class_log_probabilities(self, x: Tensor) -> Tensor:
            return torch.full((len(x), 10), -math.log(10))

    scores = score_linear(Uniform(), load("digits"), seed=0)
    assert scores["class_nll"] == pytest.approx(math.log(10), rel=1e-5)
    assert scores["raw_accuracy"] > 0.93
    assert scores["raw_class_nll"] < 0.4


def test_without_classes_there_is_nothing_to_score_or_to_show() -> None:
    data = opinions()
    data = dataclasses.replace(data, test=dataclasses.replace(data.test, y=None))
    network = Weigher(torch.zeros(50))
    assert score_linear(network, data, seed=0) == {}
    assert confusion(network, data, seed=0) == verdicts(network, data, seed=0) == []


def test_the_table_counts_every_test_item_once() -> None:
    data = dataset_of(SPECS["labelled texts"], test=30)
    network = Weigher(torch.tensor([1.0] * 5 + [-1.0] * 4))
    (figure,) = confusion(network, data, seed=0)
    counts = np.array([row[1:-1] for row in figure.plot["rows"]])
    assert counts.sum(1).tolist() == [10, 10, 10]
    batch = data.test.take(torch.arange(30))
    assert counts[2, 1] == int(((batch.y == 2) & (network.classify(batch.x) == 1)).sum())
    assert figure.plot["columns"] == ["class", "said glad", "said sad", "said so", "named right"]
    assert figure.plot["rows"][0][-1] == f"{10 * counts[0, 0]:.1f} %"


@pytest.mark.parametrize("verdict", [0, 1])
def test_a_word_moved_the_log_odds_by_what_it_adds_to_them(verdict: int) -> None:
    weights = torch.tensor([0.3, 1.0, -2.0, 0.5])
    tokens = torch.tensor([1, 2, 3, 3])
    found = moved(Weigher(weights), tokens, verdict, SPECS["labelled texts"])
    sign = 1 if verdict else -1
    assert [place for place, _ in found] == [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert [weight for _, weight in found] == pytest.approx([sign * it for it in (1.0, -2.0, 0.5, 0.5)], abs=1e-5)
    alone = moved(Weigher(weights), torch.tensor([2]), verdict, SPECS["labelled texts"])
    assert alone[0][1] == pytest.approx(sign * -2.3, abs=1e-5), "one word is compared with an unknown one"


@pytest.mark.parametrize("length", [1, 5, MOST_STRETCHES, MOST_STRETCHES + 1, 2757])
def test_a_long_text_is_left_out_in_stretches_that_cover_it(length: int) -> None:
    found = stretches(length)
    assert len(found) <= MOST_STRETCHES
    assert [place for first, last in found for place in range(first, last)] == list(range(length))


def test_some_texts_of_each_class_are_shown_with_their_words() -> None:
    data = opinions()
    spec = dataclasses.replace(data.spec, length=99)
    items = {name: dataclasses.replace(data.split(name), most=99) for name in ("train", "validation", "test")}
    data = dataclasses.replace(data, spec=spec, **items)
    weights = torch.zeros(50)
    weights[spec.vocabulary.index("good")], weights[spec.vocabulary.index("bad")] = 2.0, -3.0
    figures = verdicts(Weigher(weights), data, seed=0)
    assert [figure.name for figure in figures] == [f"verdict-{number}" for number in (1, 2, 3, 4)]
    assert sorted("yes" in figure.title for figure in figures) == [False, False, True, True]
    for figure in figures:
        assert figure.title.endswith("rightly")
        telling = {word: weight for word, weight in figure.plot["words"] if weight}
        assert telling == ({"good": 2.0} if "yes" in figure.title else {"bad": 3.0})
    assert padded(["good"], spec).shape == (1, 1)
