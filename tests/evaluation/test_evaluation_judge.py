import dataclasses

import pytest
import torch
from made import PICTURES, POINTS, dataset_of

from understudy.data.batches import in_order
from understudy.data.dataset import Dataset
from understudy.data.memory import ArrayItems
from understudy.data.sources import load
from understudy.evaluation.digit_networks import as_digits, shipped
from understudy.evaluation.judge import ClassJudge, DigitReader, accuracy, judge_of, shipped_judge, trained_judge


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load("digits")


def readable(data: Dataset) -> Dataset:
    """The same pictures, with the classes that the shipped judge gives them."""

    def named(items: ArrayItems) -> ArrayItems:
        x = items.take(torch.arange(len(items))).x
        return dataclasses.replace(items, y=shipped("judge")(as_digits(x)).argmax(1))

    return dataclasses.replace(data, **{key: named(data.split(key)) for key in ("train", "validation", "test")})


def test_the_shipped_judge_is_taken_only_for_digits_that_it_can_read(digits: Dataset) -> None:
    known = readable(digits)
    assert isinstance(judge_of(known, 0), DigitReader)
    named = dataclasses.replace(known.spec, classes=tuple("abcdefghij"))
    assert shipped_judge(dataclasses.replace(known, spec=named)) is None
    turned = dataclasses.replace(known.validation, y=(known.validation.y + 1) % 10)
    assert shipped_judge(dataclasses.replace(known, validation=turned)) is None
    assert shipped_judge(dataset_of(POINTS)) is None


def test_one_that_learns_leaves_training_and_randomness_as_they_were(digits: Dataset) -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    with torch.no_grad():
        judge = trained_judge(digits, 0)
    assert torch.equal(torch.rand(1), expected)
    assert not any(parameter.requires_grad for parameter in judge.parameters())
    test = list(in_order(digits.test, 500))
    assert accuracy(judge, test) == accuracy(trained_judge(digits, 0), test) > 0.95


def test_a_lenient_one_reads_what_lies_a_little_elsewhere(digits: Dataset) -> None:
    """Held-out digits that nobody has moved are read as well; moved ones better than by one that has seen none."""
    test = list(in_order(digits.test, 500))
    moved = [dataclasses.replace(batch, x=batch.x.roll(1, dims=3)) for batch in test]
    strict, lenient = (trained_judge(digits, 0, lenient=lenient) for lenient in (False, True))
    assert accuracy(lenient, test) > 0.95
    assert accuracy(lenient, moved) > accuracy(strict, moved) + 0.05


def test_a_data_set_has_one_judge() -> None:
    data = dataset_of(PICTURES)
    judge = judge_of(data, 0)
    assert isinstance(judge, ClassJudge)
    assert judge_of(data.to(torch.device("cpu")), 0) is judge is not judge_of(dataset_of(PICTURES), 0)
    assert judge_of(data, 0, lenient=True) is judge_of(data, 0, lenient=True) is not judge
