"""Less to learn from than there is, to see what a network makes of little data."""

from dataclasses import replace
from typing import Any, cast

import torch

from understudy.data.dataset import Dataset
from understudy.data.splits import permutation
from understudy.errors import OptionError


def fewer(data: Dataset, count: int, seed: int) -> Dataset:
    """The data with `count` of its training items, drawn by the seed; validation and test items are all there.

    Raises:
        OptionError: there are not so many.
    """
    if count > len(data.train):
        raise OptionError(f"train_items={count}: '{data.name}' has {len(data.train)} training items")
    chosen = torch.from_numpy(permutation(len(data.train), 4, seed)[:count]).sort().values
    return replace(data, train=cast(Any, data.train).only(chosen))
