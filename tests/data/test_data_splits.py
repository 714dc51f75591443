import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.data.splits import permutation, split
from understudy.errors import DataError

fractions = st.floats(0.01, 0.45)


@given(st.integers(3, 500), fractions, fractions, st.integers(0, 2**40))
def test_splits_are_disjoint_and_complete(count: int, test: float, validation: float, seed: int) -> None:
    parts = split(count, test=test, validation=validation, seed=seed, name="x")
    together = np.concatenate([parts.train, parts.validation, parts.test])
    assert sorted(together) == list(range(count))
    assert min(len(parts.train), len(parts.validation), len(parts.test)) >= 1


@given(st.integers(2, 500), fractions, st.integers(0, 9))
def test_a_share_of_zero_holds_out_nothing(count: int, validation: float, seed: int) -> None:
    parts = split(count, test=0, validation=validation, seed=seed, name="x")
    assert len(parts.test) == 0
    assert len(parts.train) + len(parts.validation) == count


def test_shares_are_of_all_items_and_then_of_the_training_items() -> None:
    parts = split(1000, test=0.2, validation=0.1, seed=0, name="x")
    assert (len(parts.train), len(parts.validation), len(parts.test)) == (720, 80, 200)


def test_another_seed_is_another_split() -> None:
    first, second = (split(100, test=0.2, validation=0.1, seed=seed, name="x") for seed in (0, 1))
    assert not np.array_equal(first.test, second.test)


def test_the_stream_is_frozen() -> None:
    # If this changes, runs made before would be scored on items they were trained on.
    assert permutation(8, 1, 0).tolist() == [1, 6, 0, 3, 7, 4, 2, 5]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_items(count: int) -> None:
    with pytest.raises(DataError, match=f"'x' has too few items to split: {count}, and at least 3 are needed"):
        split(count, test=0.2, validation=0.1, seed=0, name="x")


def test_shares_that_leave_nothing_to_train_on() -> None:
    with pytest.raises(DataError, match="none is left for training; lower test_fraction"):
        split(10, test=0.9, validation=0.9, seed=0, name="x")
