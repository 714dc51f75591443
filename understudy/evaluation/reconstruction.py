"""How well does a network copy what it has not seen, and would PCA with as many numbers do better?"""

import math

import torch
from torch import Tensor

from understudy.data.batches import at_once, in_order
from understudy.data.dataset import Dataset
from understudy.data.spec import ImageSpec, Spec
from understudy.evaluation.principal import MOST_COMPONENTS, Principal, fit_principal, quantised_principal
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


def code_size(network: Encodes, data: Dataset) -> int:
    """Numbers in the network's code of one item."""
    return network.encode(next(iter(in_order(data.test, 1))).x)[0].numel()


def principal_of(network: Encodes, data: Dataset, seed: int) -> Principal:
    """PCA with as many numbers as the network's code, as far as there are so many."""
    return fit_principal(data, min(code_size(network, data), MOST_COMPONENTS, data.spec.size), seed)


def fair_principal(network: Encodes, data: Dataset, seed: int) -> Principal:
    """PCA that may say as much of an item as the network's code does.

    Of a sparse code those numbers count that are not 0, on average over test items; words from a codebook count by
    their bits; any other code has as many numbers as it has.
    """
    if not isinstance(network, Quantises | Sparse):
        return principal_of(network, data, seed)
    x = next(iter(in_order(data.test, at_once(data.spec)))).x
    if isinstance(network, Quantises):
        bits = int(network.tokens(x[:1]).numel() * math.log2(network.codebook_size()))
        return quantised_principal(data, bits, seed)
    codes = network.encode(x)
    numbers = max(1, round((codes != 0).sum().item() / len(codes)))
    return fit_principal(data, min(numbers, MOST_COMPONENTS, data.spec.size), seed)


def linear_copy(principal: Principal, x: Tensor, spec: Spec) -> Tensor:
    """PCA's copy, cut to [0, 1] for pictures: it too may know the range."""
    copy = principal.reconstruct(x)
    return copy.clamp(0, 1) if isinstance(spec, ImageSpec) else copy


def score_reconstruction(network: Copier, data: Dataset, *, seed: int) -> dict[str, float]:
    """Errors on the test split, and those of PCA that may say as much of an item as the code does."""
    principal = fair_principal(network, data, seed)
    own, linear = Errors(data.spec), Errors(data.spec)
    for batch in in_order(data.test, at_once(data.spec)):
        own.add(batch.x, network.reconstruct(batch.x))
        linear.add(batch.x, linear_copy(principal, batch.x, data.spec))
    beside = {**linear.scores(), "code_size": len(principal.components)}
    return own.scores() | {f"pca_{name}": value for name, value in beside.items()}
