"""Three of MNIST's digits, one in each colour: a thousand modes, whose number is known.

Reference:
    Metz et al., 2017, Unrolled Generative Adversarial Networks, arXiv:1611.02163, section 3.3.1; 128,000 training and
    26,000 test items as in Srivastava et al., 2017, VEEGAN, arXiv:1705.07761.
"""

import dataclasses
import hashlib
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor, device

from understudy.data import mnist
from understudy.data.dataset import SPLITS, Batch, Dataset
from understudy.data.fit import Fit
from understudy.data.memory import ArrayItems, unit_floats
from understudy.data.options import DataOptions
from understudy.data.spec import ImageSpec

NAME = "stacked-mnist"
COUNTS = {"train": 128_000, "validation": 6_000, "test": 26_000}
CLASSES = tuple(f"{number:03}" for number in range(1_000))
_SEED = 20_161_102


@dataclass(frozen=True)
class StackedItems:
    """A split's items, of which only the digits are held.

    Shapes:
        digits: (digits, 1, height, width), uint8.
        picks: (count, 3), which digit is red, green and blue.
        y: (count,), the number that the three make, red its first digit; or None.

    Attributes:
        target: where batches go.
    """

    digits: Tensor
    picks: Tensor
    y: Tensor | None
    target: device

    def __len__(self) -> int:
        return len(self.picks)

    def take(self, index: Tensor) -> Batch:
        """The items at these positions, in this order."""
        index = index.to(self.picks.device)
        rows = self.digits[self.picks[index].flatten()]  # (3 * batch, 1, height, width)
        x = rows.view(len(index), 3, *rows.shape[2:])
        return Batch(unit_floats(x.to(self.target)), None if self.y is None else self.y[index].to(self.target))

    def only(self, index: Tensor) -> "StackedItems":
        """Some of the items, in this order."""
        return dataclasses.replace(self, picks=self.picks[index], y=None if self.y is None else self.y[index])

    def to(self, target: device) -> "StackedItems":
        """The same items, delivered on `target`."""
        return self if target == self.target else dataclasses.replace(self, target=target)


def stacked(spec: object) -> bool:
    """Whether a spec is of three digits in three colours."""
    return isinstance(spec, ImageSpec) and spec.channels == 3 and spec.classes == CLASSES


def load_stacked_mnist(options: DataOptions, fit: Fit | None = None) -> Dataset:
    """MNIST's digits by threes, each split's from its own pictures. The same stacks on every machine.

    They are drawn with NumPy's `RandomState`, whose stream is promised for ever (NEP 19).

    Raises:
        DataError: MNIST cannot be had, or the network that it is read for learned from pictures of another shape.
    """
    digits = mnist.loader("mnist")(options, None)
    shape = cast(ImageSpec, digits.spec)
    spec = ImageSpec(3, shape.height, shape.width, CLASSES)
    if fit is not None:
        fit.check(spec, NAME)
    digest = hashlib.blake2b(digits.fingerprint.encode(), digest_size=16)
    draw = np.random.RandomState([_SEED, options.split_seed])
    parts = {}
    for name in SPLITS:
        own = cast(ArrayItems, digits.split(name))
        picks = draw.randint(len(own), size=(COUNTS[name], 3))
        digest.update(picks.tobytes())
        parts[name] = _stacks(own, torch.from_numpy(picks))
    return Dataset(NAME, spec, parts["train"], parts["validation"], parts["test"], digest.hexdigest())


def _stacks(own: ArrayItems, picks: Tensor) -> StackedItems:
    assert own.y is not None  # MNIST has labels
    return StackedItems(own.x, picks, own.y[picks] @ torch.tensor([100, 10, 1]), own.x.device)
