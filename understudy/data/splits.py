"""Which item belongs to which split: decided by the count, the shares and a seed of its own, nothing else."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from understudy.errors import DataError

Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Split:
    """Positions of the items in each split, ascending; disjoint, and together all of them."""

    train: Positions
    validation: Positions
    test: Positions


def permutation(count: int, *key: int) -> Positions:
    """The numbers below `count` in an order that `key` alone determines."""
    # RandomState: NumPy promises its stream for ever (NEP 19), so no upgrade moves test items into training.
    state = np.random.RandomState(np.random.MT19937(np.random.SeedSequence(key)))
    return state.permutation(count).astype(np.int64)


def share(count: int, fraction: float) -> int:
    """That share of `count`, rounded, but at least one item."""
    return max(1, round(count * fraction))


TEST, VALIDATION = 0.2, 0.1


def split(count: int, *, test: float | None, validation: float | None, seed: int, name: str) -> Split:
    """Hold out `test` of all items, then `validation` of what remains; a share of 0 holds out none, None the usual one.

    Args:
        count: how many items there are.
        test: share for the scores.
        validation: share of the remaining items that chooses the checkpoint.
        seed: the split's own seed, apart from the training seed.
        name: what the data is called in messages.

    Raises:
        DataError: there are too few items for one in each split.
    """
    test, validation = TEST if test is None else test, VALIDATION if validation is None else validation
    tests = share(count, test) if test else 0
    validations = share(count - tests, validation) if validation else 0
    if count - tests - validations < 1:
        raise DataError(_too_few(count, tests, validations, name))
    order = permutation(count, 1, seed)
    parts = np.split(order, [tests, tests + validations])
    return Split(test=np.sort(parts[0]), validation=np.sort(parts[1]), train=np.sort(parts[2]))


def fold_split(order: Positions, fold: int, folds: int, *, validation: float | None, seed: int, name: str) -> Split:
    """Hold out one of `folds` equal parts of `order`, then a share of the rest for validation; the folds are disjoint.

    Raises:
        DataError: there are too few items.
    """
    if len(order) < folds:
        raise DataError(f"'{name}' has {len(order)} items, which make no {folds} folds; lower folds")
    parts = np.array_split(order, folds)
    rest = np.sort(np.concatenate(parts[:fold] + parts[fold + 1 :]))
    inner = split(len(rest), test=0, validation=validation, seed=seed, name=name)
    return Split(test=np.sort(parts[fold]), validation=rest[inner.validation], train=rest[inner.train])


def _too_few(count: int, tests: int, validations: int, name: str) -> str:
    needed = 1 + min(tests, 1) + min(validations, 1)
    if count < needed:
        return f"'{name}' has too few items to split: {count}, and at least {needed} are needed (one in each split)"
    return (
        f"'{name}' has {count} items, of which {tests} would be for test and {validations} for validation: "
        "none is left for training; lower test_fraction or validation_fraction"
    )
