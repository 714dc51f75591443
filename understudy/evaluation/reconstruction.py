"""How well does a network copy what it has not seen, and would PCA with as many numbers do better?"""

import math

import torch
from torch import Tensor

from understudy.data.batches import at_once, in_order
from understudy.data.dataset import Dataset
from understudy.data.spec import ImageSpec, Spec
from understudy.evaluation.principal import Principal, fit_principal
from understudy.models.capabilities import Encodes, Quantises, Reconstructs, Sparse

SSIM_VALUES = 400_000  # of pictures compared at once
SSIM_WINDOW = 7  # 11, as Wang et al., 2004, would not fit 8x8 pictures


class Copier(Encodes, Reconstructs):
    """A network that has codes and copies."""


class Errors:
    """Errors of copies, summed over batches."""

    def __init__(self, spec: Spec) -> None:
        self.spec, self.items = spec, 0
        self.squared = self.absolute = self.similarity = 0.0

    def add(self, x: Tensor, copy: Tensor) -> None:
        """Take note of items and their copies, both (batch, *spec.shape)."""
        difference = (copy - x).cpu()  # Metal has no float64
        self.items += len(x)
        self.squared += difference.square().sum(dtype=torch.float64).item()
        self.absolute += difference.abs().sum(dtype=torch.float64).item()
        if isinstance(self.spec, ImageSpec):
            # A few at a time: the library unfolds a window around every pixel.
            few = max(1, SSIM_VALUES // self.spec.size)
            pairs = zip(x.split(few), copy.split(few), strict=True)
            self.similarity += sum(_ssim(one, other) * len(one) for one, other in pairs)

    def scores(self) -> dict[str, float]:
        """Means per value, per item, and for pictures the structural similarity."""
        values = self.items * self.spec.size
        found = {
            "mse": self.squared / values,
            "squared_error_per_image": self.squared / self.items,
            "mae": self.absolute / values,
        }
        return found | ({"ssim": self.similarity / self.items} if isinstance(self.spec, ImageSpec) else {})


def _ssim(x: Tensor, copy: Tensor) -> float:
    from torchmetrics.functional.image import structural_similarity_index_measure

    smallest = min(SSIM_WINDOW, *x.shape[2:])
    window = smallest - (smallest % 2 == 0)
    return float(
        structural_similarity_index_measure(copy, x, data_range=1.0, gaussian_kernel=False, kernel_size=window)
    )


BITS_PER_NUMBER = 32


def code_size(network: Encodes, data: Dataset) -> int:
    """Numbers in the network's code of one item, as PCA is given.

    Of a sparse code those count that are active at a time; words of a codebook count by their bits, 32 to a number.
    """
    x = next(iter(in_order(data.test, 1))).x
    if isinstance(network, Quantises):
        bits = network.tokens(x).numel() * math.log2(network.codebook_size())
        return math.ceil(bits / BITS_PER_NUMBER)
    numbers = network.encode(x)[0].numel()
    return max(1, round(numbers * network.asked_activity())) if isinstance(network, Sparse) else numbers


def principal_of(network: Encodes, data: Dataset, seed: int) -> Principal:
    """PCA with as many numbers as the network's code."""
    return fit_principal(data, code_size(network, data), seed)


def linear_copy(principal: Principal, x: Tensor, spec: Spec) -> Tensor:
    """PCA's copy, cut to [0, 1] for pictures: it too may know the range."""
    copy = principal.reconstruct(x)
    return copy.clamp(0, 1) if isinstance(spec, ImageSpec) else copy


def score_reconstruction(network: Copier, data: Dataset, *, seed: int) -> dict[str, float]:
    """Errors on the test split, and those of PCA with as many components as the code has numbers."""
    principal = principal_of(network, data, seed)
    own, linear = Errors(data.spec), Errors(data.spec)
    for batch in in_order(data.test, at_once(data.spec)):
        own.add(batch.x, network.reconstruct(batch.x))
        linear.add(batch.x, linear_copy(principal, batch.x, data.spec))
    return own.scores() | {f"pca_{name}": value for name, value in linear.scores().items()}
