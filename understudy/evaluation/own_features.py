"""Features of the user's own, such as Inception's, to compare pictures by.

A file with a class that is built without arguments and loads its weights itself: nothing of the kind is shipped, as it
may not be had offline. Whoever needs published Fréchet distances brings the network that they were measured with:

    class Inception(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.body = torch.jit.load("inception-2015-12-05.pt")

        def forward(self, x):  # (batch, channels, height, width) in [0, 1] -> (batch, features)
            return self.body((255 * x).byte(), return_features=True)

`understudy evaluate RUN --features inception.py:Inception` then adds `fid_inception`, `kid_inception` and the others.
"""

import re
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from understudy.data.dataset import Dataset
from understudy.errors import OptionError
from understudy.models import load_class

TAKEN = ("lenet", "class", "sharpness", "y")


def own_features(target: str, data: Dataset) -> dict[str, Callable[[Tensor], Tensor]]:
    """What `path.py:Class` sees in pictures, under the class's name in small letters.

    Raises:
        OptionError: there is no such class, it cannot be built, it is no module, or what it gives are not rows.
    """
    path, _, name = target.rpartition(":")
    if not path.endswith(".py"):
        raise OptionError(f"features={target} is not path.py:Class")
    kind = load_class(Path(path), name)
    try:
        network = kind()
    except Exception as error:
        raise OptionError(f"{name} in '{path}' cannot be built: {error!r}") from error
    if not isinstance(network, nn.Module):
        raise OptionError(f"{name} in '{path}' is not a torch.nn.Module")
    x = data.test.take(torch.tensor([0, 0])).x
    network.eval().to(x.device)

    def features(x: Tensor) -> Tensor:
        found: Tensor = network(x)
        return found.float()

    _check(features, x, f"{name} in '{path}'")
    space = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return {f"own_{space}" if space in TAKEN else space: features}


def _check(features: Callable[[Tensor], Tensor], x: Tensor, where: str) -> None:
    try:
        found = features(x)
    except Exception as error:
        raise OptionError(f"{where} cannot take {tuple(x.shape)} in [0, 1]: {error!r}") from error
    if found.ndim != 2 or len(found) != len(x):
        raise OptionError(f"{where} makes {tuple(found.shape)} of {tuple(x.shape)}; accepted: (batch, features)")
