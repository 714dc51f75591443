"""How many decibels nearer to the clean item is the denoised one than the noisy one?"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from understudy.data.batches import at_once, in_order
from understudy.data.dataset import Dataset, Items
from understudy.data.spec import Spec
from understudy.evaluation.principal import MOST_COMPONENTS, Principal, fit_principal
from understudy.evaluation.reconstruction import linear_copy
from understudy.models.capabilities import Denoises


def score_denoising(network: Denoises, data: Dataset, *, seed: int) -> dict[str, float]:
    """Squared errors of noisy and denoised test items, and the gain, 10 log10(noisy / denoised), in dB.

    The baseline is the classic linear denoiser, PCA that keeps the large components, as many as denoise the validation
    split best. Doing nothing gains 0 dB.
    """
    principal = _best_principal(network, data, seed)
    noisy = denoised = linear = 0.0
    for x, corrupted in _corrupted(network, data.test, data.spec, seed):
        noisy += (corrupted - x).square().sum().item()
        denoised += (network.reconstruct(corrupted) - x).square().sum().item()
        linear += (linear_copy(principal, corrupted, data.spec) - x).square().sum().item()
    values = len(data.test) * data.spec.size
    return {
        "noise_mse": noisy / values,
        "denoised_mse": denoised / values,
        "denoising_gain_db": gain(noisy, denoised),
        "pca_denoised_mse": linear / values,
        "pca_denoising_gain_db": gain(noisy, linear),
    }


def _corrupted(network: Denoises, items: Items, spec: Spec, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    for number, batch in enumerate(in_order(items, at_once(spec))):
        # Each batch has a generator of its own: the noise on an item does not depend on the network.
        generator = torch.Generator(batch.x.device).manual_seed(seed * 1_000_003 + number)
        yield batch.x, network.corrupt(batch.x, generator)


def _best_principal(network: Denoises, data: Dataset, seed: int) -> Principal:
    """Of 1, 2, 4, ... components, those that leave the least error on the validation split."""
    widest = fit_principal(data, min(data.spec.size, MOST_COMPONENTS), seed)
    x, corrupted = next(iter(_corrupted(network, data.validation, data.spec, seed)))
    sizes = [2**power for power in range(len(widest.components).bit_length())]
    candidates = [Principal(widest.mean, widest.components[:size]) for size in sizes]
    return min(candidates, key=lambda it: (linear_copy(it, corrupted, data.spec) - x).square().sum().item())


def gain(before: float, after: float) -> float:
    """Decibels by which an error fell."""
    return 10 * math.log10(before / after) if before and after else 0.0
